"""Rules about the names of API services and of the stack, which many objects are named after."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from components.addresses import metrics_name
from components.derived_names import volume_exporter
from components.settings.kubernetes_names import DNS_LABEL, label_value
from components.settings.problems import Problem

if TYPE_CHECKING:
    from components.settings.stack import Settings

SERVICE_NAME = re.compile(DNS_LABEL)
# A service's longest DNS name, which has at most 63 characters, is that of its metrics.
LONGEST_NAME = 63 - len(metrics_name(""))
# With a volume, it is that of the metrics of the volume's exporter. That is shorter than what the
# label of a StatefulSet's pods allows, which has the name, a dash and up to ten digits.
LONGEST_WITH_VOLUME = 63 - len(metrics_name(volume_exporter("")))


def rules(settings: "Settings") -> Iterator[Problem]:
    for name, service in settings.api.services.items():
        path = f"api.services.{name}"
        longest = LONGEST_WITH_VOLUME if service.owns_volume else LONGEST_NAME
        if not SERVICE_NAME.fullmatch(name) or len(name) > longest:
            yield Problem(
                path=path,
                found=repr(name),
                allowed=f"a name of at most {longest} lower-case letters, digits and dashes",
            )


def stack_name_rules(stack: str) -> Iterator[Problem]:
    """A stack's name is a label of every object, and the tag of images that an engine builds."""
    try:
        label_value(stack or "-")  # a label may be empty, a stack's name may not
    except ValueError as error:
        yield Problem(path="the stack's name", found=repr(stack), allowed=str(error))
