"""The platform's API: it sends observations to the decision service and stores the decisions."""
