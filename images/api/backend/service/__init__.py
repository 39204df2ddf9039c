"""What each HTTP service of the platform does in the same way: settings, logs, errors, metrics.

Each image builds alone, so each carries this folder; a test proves that the copies are the same.
"""
