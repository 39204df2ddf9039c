"""The result of planning one stack."""

from dataclasses import dataclass

from operations.plan.compare import Difference


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`difference` is None where the head cannot be planned; `failure` has Pulumi's error.

    Where the base cannot be planned, `base_failure` has the error, and every resource of the head
    counts as created.
    """

    stack: str
    difference: Difference | None = None
    failure: str = ""
    base_failure: str = ""

    @property
    def nothing_changes(self) -> bool:
        return bool(self.difference and not self.difference.changes and not self.base_failure)
