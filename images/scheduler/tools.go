// Names the program to build, so that go.mod lists what it needs.

//go:build tools

package tools

import _ "github.com/aptible/supercronic"
