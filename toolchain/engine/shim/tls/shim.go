// Package shim re-exports the upstream tls provider. Upstream keeps it under internal/; a module whose path
// starts with upstream's own may import it.
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"
	upstream "github.com/hashicorp/terraform-provider-tls/internal/provider"
)

// NewProvider returns the upstream tls provider.
func NewProvider() provider.Provider { return upstream.New() }
