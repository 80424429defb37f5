// Package shim re-exports the upstream docker provider. Upstream keeps it under internal/; a module whose path
// starts with upstream's own may import it.
package shim

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	upstream "github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// NewProvider returns the upstream docker provider.
func NewProvider() *schema.Provider { return upstream.New("4.6.0")() }
