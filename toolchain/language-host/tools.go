//go:build tools

// Package tools pins the Node.js language host. The module below is the last one that holds it; later
// versions moved it to a nested module that the Go module proxy does not serve.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
