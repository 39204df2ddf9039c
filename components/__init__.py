"""The platform: what runs (tiers), how it is described (workload) and where it runs (targets)."""
