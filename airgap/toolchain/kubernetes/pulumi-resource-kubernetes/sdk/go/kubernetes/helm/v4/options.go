package v4

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// RepositoryOpts say where a chart's repository is, and how to log in to it.
type RepositoryOpts struct {
	CaFile, CertFile, KeyFile pulumi.AssetOrArchive
	Password, Repo, Username  *string
}

type RepositoryOptsInput interface{ pulumi.Input }

// PostRenderer is a command that changes what a chart renders.
type PostRenderer struct {
	Command string
	Args    []string
}

type PostRendererInput interface{ pulumi.Input }
