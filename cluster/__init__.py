"""A Kubernetes cluster on this machine, on which users try out stacks."""
