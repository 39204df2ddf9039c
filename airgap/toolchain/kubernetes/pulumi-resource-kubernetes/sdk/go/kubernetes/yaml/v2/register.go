package v2

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// RegisterResource returns an error: components cannot create resources here.
func RegisterResource(
	_ *pulumi.Context, apiVersion, kind, name string, _ pulumi.Input, _ ...pulumi.ResourceOption,
) (pulumi.CustomResource, error) {
	return nil, fmt.Errorf(
		"%s/%s %s: Chart, ConfigFile, ConfigGroup and Directory are not supported by a compiled "+
			"Kubernetes plugin; use Pulumi's own plugin", apiVersion, kind, name,
	)
}
