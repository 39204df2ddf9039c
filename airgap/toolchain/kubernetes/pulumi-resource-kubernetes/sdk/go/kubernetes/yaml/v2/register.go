package v2

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// RegisterResource refuses what a component would register.
func RegisterResource(
	_ *pulumi.Context, apiVersion, kind, name string, _ pulumi.Input, _ ...pulumi.ResourceOption,
) (pulumi.CustomResource, error) {
	return nil, fmt.Errorf(
		"%s/%s %s: a compiled Kubernetes plugin has no components (Chart, ConfigFile, ConfigGroup, "+
			"Directory): use Pulumi's own plugin", apiVersion, kind, name,
	)
}
