"""`pulumi-resource-kubernetes`: any object, as the official plugin handles it."""
