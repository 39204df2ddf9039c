"""The verbs with which an operator manages a stack: see `python -m operations --help`."""
