"""The web tier: the gateway, through which people reach everything, and the page behind it."""

TIER = "web"
