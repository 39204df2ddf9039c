"""`pulumi-resource-docker`: containers, networks, volumes and images of a Docker engine."""
