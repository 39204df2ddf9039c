"""How a step reports its progress: it calls this function with each line."""

from collections.abc import Callable

Report = Callable[[str], None]
