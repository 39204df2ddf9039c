// Names the programs to build that are packages of others, so that go.mod lists what they need.

//go:build tools

package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
