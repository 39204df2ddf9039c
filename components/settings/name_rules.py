"""Rules about the names of API services and of the stack: much is named after them."""

import re
from collections.abc import Iterator

from components.settings.models import Settings
from components.settings.problems import Problem
from components.settings.values import SERVICE_NAME, label_value
from components.workload import host_name, metrics_name

# A service's longest DNS name, of 63 characters, is its metrics' own.
LONGEST_NAME = 63 - len(metrics_name(""))
# The pods of a StatefulSet have a label with its name, a dash and up to ten digits.
LONGEST_WITH_VOLUME = 63 - len(host_name("")) - 11
# Parts of the platform, and what is named after one, an operator's objects among it: `postgres-rw`,
# `redis-exporter`.
PARTS = re.compile(
    r"(alertmanager|frontend|grafana|postgres|prometheus|redis)"
    r"(-(exporter|gateway|metrics|status|rw|ro|r|pooler(-.*)?|\d+))?"
)
# Networks, endpoints and objects of the platform.
TAKEN = (
    "cache",
    "certificate",
    "data",
    "deny-all",
    "edge",
    "ingress",
    "namespace",
    "observability",
    "outside",
    "registry",
    "tls",
    "web",
)
# On an engine, the replicas of a service after the first one.
REPLICA = re.compile(r"(?P<service>.+)-(?P<number>[1-9]\d*)")


def broken(settings: Settings) -> Iterator[Problem]:
    """Every broken rule."""
    for name, service in settings.api.services.items():
        path = f"api.services.{name}"
        longest = LONGEST_WITH_VOLUME if service.data_volume else LONGEST_NAME
        if not SERVICE_NAME.fullmatch(name) or len(name) > longest:
            yield Problem(
                path=path,
                found=repr(name),
                allowed=f"a name of at most {longest} lower-case letters, digits and dashes",
            )
        # `NAME-metrics` is where Prometheus finds the replicas of NAME.
        meets = name.removesuffix("-metrics") in settings.api.services.keys() - {name}
        if meets or name in TAKEN or PARTS.fullmatch(name):
            yield Problem(
                path=path,
                found=repr(name),
                allowed="a name that nothing of the platform has: it has this one",
            )
        yield from _replica(settings, name)


def _replica(settings: Settings, name: str) -> Iterator[Problem]:
    match = REPLICA.fullmatch(name)
    first = settings.api.services.get(match["service"]) if match else None
    if match and first and 2 <= int(match["number"]) <= first.replicas.min:
        yield Problem(
            path=f"api.services.{name}",
            found=repr(name),
            allowed=f"a name that is not that of a replica of {match['service']}",
        )


def stack(name: str) -> Iterator[Problem]:
    """A stack's name is a label of every object, and the tag of images that an engine builds."""
    try:
        label_value(name or "-")  # a label may be empty
    except ValueError as error:
        yield Problem(path="the stack's name", found=repr(name), allowed=str(error))
