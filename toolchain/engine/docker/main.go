// Command docker is the Pulumi docker provider: the upstream Terraform provider behind Pulumi's bridge.
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	dockershim "github.com/terraform-providers/terraform-provider-docker/shim"
)

// version is the npm package's: the engine looks for a plugin of the SDK's version.
var version = "5.2.0"

// The names that @pulumi/docker gives to the upstream resources.
var resources = map[string]string{
	"docker_buildx_builder": "BuildxBuilder",
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

func main() {
	info := tfbridge.ProviderInfo{
		P:         shimv2.NewProvider(dockershim.NewProvider()),
		Name:      "docker",
		Version:   version,
		Resources: map[string]*tfbridge.ResourceInfo{},
		Config: map[string]*tfbridge.SchemaInfo{
			"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()},
		},
	}
	for upstream, class := range resources {
		info.Resources[upstream] = &tfbridge.ResourceInfo{Tok: tokens.Type("docker:index/" + decapitalise(class) + ":" + class)}
	}
	info.Resources["docker_image"].Fields = map[string]*tfbridge.SchemaInfo{"name": {Name: "name"}}
	// A fixed host port cannot be held twice.
	info.Resources["docker_container"].DeleteBeforeReplace = true
	info.Resources["docker_container"].Fields = map[string]*tfbridge.SchemaInfo{
		"command":           {Name: "command"},
		"networks_advanced": {Name: "networksAdvanced"},
	}
	tfbridge.Main("docker", version, info, nil)
}

func decapitalise(word string) string { return string(word[0]|0x20) + word[1:] }
