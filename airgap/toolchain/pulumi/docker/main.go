// The plugin for Docker: Pulumi's bridge over the Terraform provider that the official plugin wraps.
// It lacks `docker.Image`, which the official plugin adds; RemoteImage builds images too.
package main

import (
	"fmt"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	sdk "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-providers/terraform-provider-docker/shim"
)

// version is set by the linker.
var version string

// names are those of the Python SDK; a Terraform resource without one is left out.
var names = map[string]string{
	"docker_config":         "ServiceConfig",
	"docker_container":      "Container",
	"docker_image":          "RemoteImage",
	"docker_network":        "Network",
	"docker_plugin":         "Plugin",
	"docker_registry_image": "RegistryImage",
	"docker_secret":         "Secret",
	"docker_service":        "Service",
	"docker_tag":            "Tag",
	"docker_volume":         "Volume",
}

// fields are those whose names the bridge would make plural, as it does with most lists.
var fields = map[string]map[string]*tfbridge.SchemaInfo{
	"docker_container": {
		"command":           {Name: "command"},
		"networks_advanced": {Name: "networksAdvanced"},
	},
	"docker_image": {"name": {Name: "name"}},
}

func token(name string) tokens.Type {
	module := tokens.Module(string(name[0]|0x20) + name[1:])
	return tokens.Type(fmt.Sprintf("docker:index/%s:%s", module, name))
}

func provider() tfbridge.ProviderInfo {
	docker := shim.New()
	info := tfbridge.ProviderInfo{
		P:       sdk.NewProvider(docker),
		Name:    "docker",
		Version: version,
		Config: map[string]*tfbridge.SchemaInfo{
			"host": {Default: &tfbridge.DefaultInfo{
				EnvVars: []string{"DOCKER_HOST"},
				Value:   "unix:///var/run/docker.sock",
			}},
			"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()},
		},
		Resources:                   map[string]*tfbridge.ResourceInfo{},
		EnableAccurateBridgePreview: true,
	}
	for name := range docker.ResourcesMap {
		if sdkName, known := names[name]; known {
			info.Resources[name] = &tfbridge.ResourceInfo{
				Tok:                 token(sdkName),
				Fields:              fields[name],
				DeleteBeforeReplace: name == "docker_container",
			}
		} else {
			info.IgnoreMappings = append(info.IgnoreMappings, name)
		}
	}
	for name := range docker.DataSourcesMap {
		info.IgnoreMappings = append(info.IgnoreMappings, name)
	}
	// Resources have names, so that one that is replaced is deleted first: the engine would refuse a
	// second network of the name, and take the old volume for the new one.
	info.SetAutonaming(255, "-")
	return info
}

func main() {
	schema := fmt.Sprintf(`{"name": "docker", "version": %q}`, version)
	tfbridge.Main("docker", version, provider(), []byte(schema))
}
