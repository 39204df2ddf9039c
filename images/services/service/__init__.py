"""Code that all HTTP services share: settings, logs, errors, metrics and common schemas."""
