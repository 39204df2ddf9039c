"""The platform's API: takes observations, has them decided, keeps the decisions, shows them."""
