"""Who is reached must be part of the stack, and listen there."""

from collections.abc import Sequence

import pulumi

from components.addresses import Address
from components.tier import Description
from components.workload import Part


def refuse_unknown_addresses(parts: Sequence[Description]) -> None:
    """RunError names a part that reaches an address which no part of the stack listens on."""
    addresses = {address for part in parts for address in part.addresses()}
    for part in parts:
        if isinstance(part, Part):
            for reach in part.edges():
                if isinstance(reach, Address) and reach not in addresses:
                    raise pulumi.RunError(
                        f"{part.name} reaches port {reach.port} of {reach.workload}, where no part "
                        "of the stack listens. Nothing was changed."
                    )
