// Replaces Pulumi's generated Go SDK, which would take two thirds of the plugin's compile time. The plugin
// uses the SDK only in its components for Helm charts, YAML files and Kustomize.
module github.com/pulumi/pulumi-kubernetes/sdk/v4

go 1.24

require github.com/pulumi/pulumi/sdk/v3 v3.215.0
