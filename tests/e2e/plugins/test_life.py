"""Containers from creation to removal, and what hands change in between."""

from __future__ import annotations

import json
import socket
from typing import Any

import docker
import pytest

from tests.e2e.plugins.program import HEALTHY, LABEL, PREFIX, Program

WEB = {
    "user": "1000:1000",
    "memory": 64,
    "memory_swap": 64,
    "cpus": "0.5",
    "restart": "unless-stopped",
    "capabilities": {"drops": ["ALL"]},
    "security_opts": ["no-new-privileges:true"],
    "healthcheck": HEALTHY,
    "wait": True,
    "init": True,
    "destroy_grace_seconds": 5,
    "log_driver": "json-file",
    "log_opts": {"max-size": "1m", "max-file": "2"},
    "tmpfs": {"/scratch": "rw,size=1m"},
}


def test_what_is_made_is_what_was_asked_for_and_a_second_look_changes_nothing(
    program: Program,
) -> None:
    program.up(web=WEB)
    made = program.container("web")
    assert made["State"]["Health"]["Status"] == "healthy"
    assert made["Config"]["User"] == "1000:1000"
    host = made["HostConfig"]
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"]) == (2**26, 2**26, 5 * 10**8)
    assert (host["CapDrop"], host["SecurityOpt"]) == (["ALL"], ["no-new-privileges:true"])
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["Init"] is True
    assert made["NetworkSettings"]["Networks"].keys() == {PREFIX}
    assert "web" in made["NetworkSettings"]["Networks"][PREFIX]["Aliases"]
    assert [mount["Name"] for mount in made["Mounts"]] == [PREFIX]
    program.pulumi("preview", "--expect-no-changes")
    program.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")


def test_a_secret_is_in_its_file_and_nowhere_else(program: Program) -> None:
    program.up(web=WEB)
    password = program.outputs()["password"]
    look = "stat -c %a%U /run/secrets /run/secrets/*; cat /run/secrets/*"
    assert program.inside("web", look) == f"755root\n444root\n{password}"
    assert password not in program.state()
    assert password not in json.dumps(program.container("web"))


def test_limits_change_in_place_and_a_command_replaces(program: Program) -> None:
    program.up(web=WEB)
    before = program.container("web")["Id"]
    larger = WEB | {"memory": 96, "memory_swap": 96, "restart": "always"}
    assert program.planned(web=larger) == {"web": "update"}
    program.up(web=larger)
    after = program.container("web")
    assert (after["Id"], after["HostConfig"]["Memory"]) == (before, 96 * 2**20)
    assert after["HostConfig"]["RestartPolicy"]["Name"] == "always"

    other = larger | {"command": ["sleep", "1000000"]}
    assert program.planned(web=other) == {"web": "replace"}
    program.up(web=other)
    assert program.container("web")["Id"] != before


def test_a_changed_network_replaces_what_is_on_it(program: Program) -> None:
    program.up(web=WEB)
    labels = [{"label": "a", "value": "b"}]
    planned = program.planned(network_labels=labels, web=WEB)
    assert planned.keys() == {"network", "web"}
    program.up(network_labels=labels, web=WEB)
    assert program.engine.networks.get(PREFIX).attrs["Labels"]["a"] == "b"
    assert program.container("web")["State"]["Running"]


def test_a_policy_that_was_changed_by_hand_is_found_and_put_back_in_place(
    program: Program,
) -> None:
    program.up(web=WEB)
    before = program.container("web")["Id"]
    program.engine.containers.get(before).update(restart_policy={"Name": "always"})
    assert "1 updated" in program.refreshed()
    program.up(web=WEB)
    after = program.container("web")
    assert after["Id"] == before
    assert after["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"


def test_a_container_that_was_stopped_by_hand_is_replaced(
    program: Program, port: socket.socket
) -> None:
    number = port.getsockname()[1]
    port.close()
    published = WEB | {"ports": [{"internal": 80, "external": number, "ip": "127.0.0.1"}]}
    program.up(web=published)
    before = program.container("web")["Id"]
    program.engine.containers.get(before).stop(timeout=5)
    program.refreshed()
    assert program.planned(web=published) == {"web": "replace"}
    program.up(web=published)
    assert program.container("web")["Id"] != before
    assert program.container("web")["State"]["Running"]


def test_a_container_that_was_removed_by_hand_is_made_again(program: Program) -> None:
    program.up(web=WEB)
    program.engine.containers.get(f"{PREFIX}-web").remove(force=True)
    assert "1 deleted" in program.refreshed()
    program.up(web=WEB)
    assert program.container("web")["State"]["Running"]


def test_a_one_shot_answers_its_exit_code_and_its_output(program: Program) -> None:
    once = {
        "command": ["sh", "-c", "cat /run/secrets/password >/dev/null && echo done; exit 3"],
        "must_run": False,
        "attach": True,
        "logs": True,
    }
    program.up(once=once)
    assert program.outputs()["once"] == {"code": 3, "logs": "done\n"}
    program.pulumi("preview", "--expect-no-changes")


def test_destroy_leaves_nothing_also_when_something_is_gone_already(program: Program) -> None:
    program.up(web=WEB, other={})
    program.engine.containers.get(f"{PREFIX}-other").remove(force=True)
    program.pulumi("destroy", "--yes", "--skip-preview")
    marked: dict[str, Any] = {"label": LABEL}
    assert program.engine.containers.list(all=True, filters=marked) == []
    assert program.engine.networks.list(filters=marked) == []
    with pytest.raises(docker.errors.NotFound):
        program.engine.volumes.get(PREFIX)
