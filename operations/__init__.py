"""What an operator does with a stack, by verb: `python -m operations --help`."""
