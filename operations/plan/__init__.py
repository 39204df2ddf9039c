"""What a pull request changes in each stack: two plans, and the difference between them."""

from operations.plan.verb import plan

__all__ = ["plan"]
