"""The changes of a pull request in each stack: the difference between two plans."""

from operations.plan.verb import plan

__all__ = ["plan"]
