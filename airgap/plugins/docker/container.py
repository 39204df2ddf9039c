"""`docker.Container`: from creation over waiting and updates to removal."""

from __future__ import annotations

import time
from contextlib import suppress

from airgap.plugins.docker.container_config import MEBIBYTE, config, restart_policy, swap_bytes
from airgap.plugins.docker.container_fields import TABLE
from airgap.plugins.docker.container_state import observed
from airgap.plugins.docker.engine import Client, EngineResource, explained, reason, unless_missing
from airgap.plugins.docker.pull import find_or_pull
from airgap.plugins.docker.uploads import archive
from airgap.plugins.resource import Failed, Incomplete, Live, Log
from airgap.plugins.schema import plan
from airgap.plugins.values import Properties

POLL_SECONDS = 0.2
LIMITS = (
    "restart",
    "maxRetryCount",
    "cpuShares",
    "memory",
    "memoryReservation",
    "cpuSet",
    "memorySwap",
)
"""What the engine can change in place. Other updates only change the state, as officially."""
REMOVING = "is already in progress"
UNHEALTHY = "container failed to be in healthy state"
NO_HEALTHCHECK = (
    "you have supplied a 'wait' argument, but the container does not have a healthcheck defined. "
    "Please remove the 'wait' argument or add a 'healthcheck' attribute"
)


class Container(EngineResource):
    table = TABLE

    def create(self, inputs: Properties, log: Log) -> Live:
        image = inputs["image"]
        try:
            find_or_pull(self.engine, image)
        except Failed as error:
            raise Failed(f"Unable to create container with image {image}: {error}") from error
        client = self.engine.client
        with explained("Unable to create container"):
            made = client.create_container_from_config(config(inputs), inputs["name"])
        live = Live(made["Id"], plan(TABLE, inputs))
        try:
            logs = self._bring_up(client, live.id, inputs)
        except Failed as error:
            # it exists: the state must know it, or nobody would remove it
            raise Incomplete(self._as_it_is(live), str(error)) from error
        return Live(live.id, self._as_it_is(live).outputs | {"containerLogs": logs})

    def read(self, live: Live) -> Live | None:
        info = unless_missing(lambda: self.engine.client.inspect_container(live.id))
        return None if info is None else Live(live.id, observed(info, live.outputs))

    def update(self, live: Live, news: Properties, log: Log) -> Properties:
        outputs = plan(TABLE, news, live.outputs)
        client = self.engine.client
        if outputs["mustRun"] and not live.outputs.get("mustRun") and outputs["start"]:
            with explained("Unable to start container"):
                client.start(live.id)
        if any(outputs[name] != live.outputs.get(name) for name in LIMITS):
            with explained("Unable to update a container"):
                client.update_container(
                    live.id,
                    restart_policy=restart_policy(outputs),
                    cpu_shares=outputs["cpuShares"],
                    cpuset_cpus=outputs["cpuSet"],
                    mem_limit=outputs["memory"] * MEBIBYTE,
                    mem_reservation=outputs["memoryReservation"] * MEBIBYTE,
                    memswap_limit=swap_bytes(outputs["memorySwap"]),
                )
        return outputs

    def delete(self, live: Live) -> None:
        from docker.errors import APIError, NotFound

        client, outputs = self.engine.client, live.outputs
        grace = outputs.get("destroyGraceSeconds") or 0  # none: it is killed at once
        with explained(f"Error deleting container {live.id}"):
            try:
                if not outputs.get("attach"):
                    self.engine.until_cancelled(lambda: client.stop(live.id, timeout=grace))
                client.remove_container(live.id, v=outputs.get("removeVolumes", True), force=True)
            except NotFound:
                return
            except APIError as error:
                if REMOVING not in reason(error):
                    raise
                self._wait_until_gone(client, live.id)

    def _as_it_is(self, live: Live) -> Live:
        """What the engine says, or what was asked for where it says nothing."""
        with suppress(Failed):
            return self.read(live) or live
        return live

    def _bring_up(self, client: Client, container: str, inputs: Properties) -> str | None:
        """Networks, files, start and waiting; answers the logs if they are asked for."""
        self._connect(client, container, inputs.get("networksAdvanced", []))
        if inputs.get("uploads"):
            with explained("Unable to upload volume content"):
                client.put_archive(container, "/", archive(inputs["uploads"]))
        if inputs["start"]:
            with explained("Unable to start container"):
                client.start(container)
            if inputs.get("wait"):
                self._wait_until_healthy(client, container, inputs["waitTimeout"])
        if not inputs.get("attach"):
            return None
        with explained("Unable to wait container end of execution"):
            self.engine.until_cancelled(lambda: client.wait(container))
            return client.logs(container).decode(errors="replace") if inputs.get("logs") else None

    def _connect(self, client: Client, container: str, networks: list[Properties]) -> None:
        if networks:
            with explained("Unable to disconnect the default network"):
                client.disconnect_container_from_network(container, "bridge")
        for network in networks:
            with explained(f"Unable to connect to network '{network['name']}'"):
                client.connect_container_to_network(
                    container, network["name"], aliases=network.get("aliases")
                )

    def _wait_until_healthy(self, client: Client, container: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with explained("error inspecting container state"):
                health = client.inspect_container(container)["State"].get("Health")
            if health is None:
                raise Failed(NO_HEALTHCHECK)
            if health["Status"] == "healthy":
                return
            self.engine.sleep(POLL_SECONDS)
        raise Failed(UNHEALTHY)

    def _wait_until_gone(self, client: Client, container: str) -> None:
        """A container with `rm` removes itself when it stops; its name is free only afterwards."""
        while unless_missing(lambda: client.inspect_container(container)) is not None:
            self.engine.sleep(POLL_SECONDS)
