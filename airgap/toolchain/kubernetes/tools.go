// Names the programs that are built beside ours, so that go.mod lists what they need. They share
// its versions, and so most of what is compiled.

//go:build tools

package main

import (
	_ "github.com/rancher/local-path-provisioner"
	_ "sigs.k8s.io/metrics-server/cmd/metrics-server"
)
