"""What each HTTP service of the platform does in the same way: settings, logs, errors, metrics."""
