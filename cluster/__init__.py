"""A Kubernetes cluster on this machine, for trying out stacks that go to one."""
