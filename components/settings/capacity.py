"""How many replicas of a service run, and what each of them may use."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from components.settings.base import Model
from components.settings.problems import Problem
from components.settings.quantities import Floor, floor_rules, mebibytes
from components.settings.shapes import Cpu, Memory, Seconds

# Also what an engine needs to start a container.
SERVER = Floor(mebibytes=16, reason="less does not start a program that serves HTTP")


class ReplicaSettings(Model):
    """The number of containers that run the same service."""

    EXAMPLE = """
        config:
          ai-platform:web:
            gateway:
              replicas: 2            # always two
          ai-platform:api:
            services:
              backend:
                replicas:            # two to four, by CPU use; on Docker always `min`
                  min: 2
                  max: 4
                  cpu_target: 60
    """

    min: int = Field(1, ge=1, le=100, description="The smallest number of replicas.")
    max: int = Field(
        1,
        ge=1,
        le=100,
        description="The largest number of replicas. If it is above `min`, an autoscaler decides.",
    )
    cpu_target: int = Field(
        70,
        ge=10,
        le=95,
        description="The average CPU use that the autoscaler aims at, in percent of the CPU "
        "request.",
    )


def _replicas(value: Any) -> Any:
    """`replicas: 3` is short for the same smallest and largest number."""
    count = isinstance(value, int) and not isinstance(value, bool)
    return {"min": value, "max": value} if count else value


class Capacity(Model):
    """The replicas of a service, and their limits."""

    replicas: Annotated[
        ReplicaSettings, BeforeValidator(_replicas, json_schema_input_type=int | ReplicaSettings)
    ] = Field(
        default=ReplicaSettings(),
        description="The number of replicas: one number, or `min`, `max` and `cpu_target`.",
    )
    memory: Memory = Field("256Mi", description="The memory limit of each replica.")
    cpu: Cpu = Field(0.5, description="The CPU limit of each replica, in cores.")
    memory_request: Memory | None = Field(
        None,
        description="The memory that a node reserves for each replica. The default is half the "
        "limit.",
    )
    cpu_request: Cpu | None = Field(
        None,
        description="The CPU that a node reserves for each replica, in cores. The default is half "
        "the limit.",
    )
    stop_grace: Seconds = Field(
        20,
        description="The time that the service has to finish its requests before it is killed, in "
        "seconds.",
    )


def rules(path: str, service: Capacity, floor: Floor = SERVER) -> Iterator[Problem]:
    """`path` is the dotted path of the service's settings, and `floor` its least memory."""
    yield from floor_rules(f"{path}.memory", service.memory, floor)
    yield from _requests(path, service)
    yield from _replica_numbers(path, service.replicas)


def _requests(path: str, service: Capacity) -> Iterator[Problem]:
    request = service.memory_request
    if request and mebibytes(request) > mebibytes(service.memory):
        yield Problem(
            path=f"{path}.memory_request",
            found=repr(request),
            allowed=f"at most the limit, {service.memory}",
        )
    if service.cpu_request and service.cpu_request > service.cpu:
        yield Problem(
            path=f"{path}.cpu_request",
            found=str(service.cpu_request),
            allowed=f"at most the limit, {service.cpu:g}",
        )


def _replica_numbers(path: str, replicas: ReplicaSettings) -> Iterator[Problem]:
    if replicas.min > replicas.max:
        yield Problem(
            path=f"{path}.replicas.min",
            found=str(replicas.min),
            allowed=f"at most replicas.max, {replicas.max}",
        )
