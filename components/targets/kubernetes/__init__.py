"""The Kubernetes target: the objects of one namespace on a cluster."""
