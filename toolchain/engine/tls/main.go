// Command tls is the Pulumi tls provider: the upstream Terraform provider behind Pulumi's bridge.
package main

import (
	"context"
	"fmt"

	tlsshim "github.com/hashicorp/terraform-provider-tls/shim"
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// version is the npm package's: the engine looks for a plugin of the SDK's version.
var version = "5.6.1"

func main() {
	info := tfbridge.ProviderInfo{
		P:       pf.ShimProvider(tlsshim.NewProvider()),
		Name:    "tls",
		Version: version,
		// The bridge insists on the metadata that a published provider carries from release to release.
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
	}
	info.MustComputeTokens(tokens.SingleModule("tls_", "index", tokens.MakeStandard("tls")))

	pf.Main(context.Background(), "tls", info, pf.ProviderMetadata{
		// Only code generators ask for the schema; making it takes longer than an unchanged update.
		XGetSchema: func(ctx context.Context, _ plugin.GetSchemaRequest) ([]byte, error) {
			generated, err := tfgen.GenerateSchema(ctx, tfgen.GenerateSchemaOptions{ProviderInfo: info})
			if err != nil {
				return nil, fmt.Errorf("schema of tls: %w", err)
			}
			return generated.ProviderMetadata.PackageSchema, nil
		},
	})
}
