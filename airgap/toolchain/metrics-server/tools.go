// Names the program to build, so that go.mod lists what it needs.

//go:build tools

package tools

import _ "sigs.k8s.io/metrics-server/cmd/metrics-server"
