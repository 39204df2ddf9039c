// The plugin for random values: Pulumi's bridge over the Terraform provider that the official plugin
// wraps.
package main

import (
	"context"
	"fmt"

	bridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/terraform-providers/terraform-provider-random/shim"
)

// version is set by the linker.
var version string

func provider() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:                           bridge.ShimProvider(shim.New()),
		Name:                        "random",
		Version:                     version,
		MetadataInfo:                tfbridge.NewProviderMetadata([]byte("{}")),
		EnableAccurateBridgePreview: true,
	}
	named := func(module, name string) (string, error) {
		return tokens.MakeStandard("random")(module, "Random"+name)
	}
	info.MustComputeTokens(tokens.SingleModule("random_", "index", named))
	return info
}

func main() {
	schema := fmt.Sprintf(`{"name": "random", "version": %q}`, version)
	bridge.Main(context.Background(), "random", provider(), bridge.ProviderMetadata{
		PackageSchema:  []byte(schema),
		BridgeMetadata: []byte("{}"),
	})
}
