"""The level `restricted`: each control detects a violation, and our pods violate none."""

from copy import deepcopy
from typing import Any

import pytest

from tests.unit.objects import Object, objects, templates
from tests.unit.pod_security import CONTROLS, violations
from tests.unit.rendering import Rendered

GOOD: Object = {
    "metadata": {},
    "spec": {
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": "app",
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                },
            }
        ],
    },
}
APP = ("spec", "containers", 0)
CONTEXT = (*APP, "securityContext")
POD = ("spec", "securityContext")
APPARMOR = "container.apparmor.security.beta.kubernetes.io/app"

# The location, the value there, and the violation.
BROKEN: dict[str, tuple[tuple[Any, ...], Any, str]] = {
    "host process": ((*POD, "windowsOptions"), {"hostProcess": True}, "pod: HostProcess"),
    "host network": (("spec", "hostNetwork"), True, "pod: Host Namespaces: hostNetwork"),
    "host pid": (("spec", "hostPID"), True, "pod: Host Namespaces: hostPID"),
    "host ipc": (("spec", "hostIPC"), True, "pod: Host Namespaces: hostIPC"),
    "privileged": ((*CONTEXT, "privileged"), True, "app: Privileged Containers"),
    "no capability dropped": (
        (*CONTEXT, "capabilities"),
        {"drop": ["KILL"]},
        "app: Capabilities: not all are dropped",
    ),
    "a capability added": (
        (*CONTEXT, "capabilities"),
        {"drop": ["ALL"], "add": ["NET_BIND_SERVICE", "CHOWN"]},
        "app: Capabilities: CHOWN is added",
    ),
    "a directory of the host": (
        ("spec", "volumes"),
        [{"name": "x", "hostPath": {"path": "/"}}],
        "pod: Volume Types: hostPath",
    ),
    "a network file system": (
        ("spec", "volumes"),
        [{"name": "x", "nfs": {"server": "s", "path": "/"}}],
        "pod: Volume Types: nfs",
    ),
    "a port of the host": ((*APP, "ports"), [{"hostPort": 80}], "app: Host Ports"),
    "a probe of another host": (
        (*APP, "livenessProbe"),
        {"httpGet": {"host": "127.0.0.1"}},
        "app: Host Probes / Lifecycle Hooks",
    ),
    "a hook to another host": (
        (*APP, "lifecycle"),
        {"preStop": {"tcpSocket": {"host": "127.0.0.1"}}},
        "app: Host Probes / Lifecycle Hooks",
    ),
    "no AppArmor": (
        (*CONTEXT, "appArmorProfile"),
        {"type": "Unconfined"},
        "app: AppArmor: Unconfined",
    ),
    "no AppArmor, as it was said before": (
        ("metadata", "annotations"),
        {APPARMOR: "unconfined"},
        "pod: AppArmor: unconfined",
    ),
    "another SELinux type": (
        (*CONTEXT, "seLinuxOptions"),
        {"type": "spc_t"},
        "app: SELinux: spc_t",
    ),
    "an SELinux role": ((*POD, "seLinuxOptions"), {"role": "r"}, "pod: SELinux: a user or a role"),
    "all of /proc": ((*CONTEXT, "procMount"), "Unmasked", "app: /proc Mount Type"),
    "an unsafe sysctl": (
        (*POD, "sysctls"),
        [{"name": "kernel.msgmax", "value": "1"}],
        "pod: Sysctls: kernel.msgmax",
    ),
    "escalation by default": (
        CONTEXT,
        {"capabilities": {"drop": ["ALL"]}},
        "app: Privilege Escalation",
    ),
    "root by default": (
        POD,
        {"seccompProfile": {"type": "Localhost"}},
        "app: Running as Non-root",
    ),
    "root for one container": ((*CONTEXT, "runAsNonRoot"), False, "app: Running as Non-root"),
    "user 0": ((*POD, "runAsUser"), 0, "pod: Running as Non-root user"),
    "user 0 of a container": ((*CONTEXT, "runAsUser"), 0, "app: Running as Non-root user"),
    "no seccomp": (POD, {"runAsNonRoot": True}, "app: Seccomp: None"),
    "no seccomp for one": (
        (*CONTEXT, "seccompProfile"),
        {"type": "Unconfined"},
        "app: Seccomp: Unconfined",
    ),
}


def broken(place: tuple[Any, ...], value: Any) -> Object:
    whole = deepcopy(GOOD)
    holder: Any = whole
    for part in place[:-1]:
        holder = holder[part]
    holder[place[-1]] = value
    return whole


def test_a_pod_that_follows_every_rule_is_admitted() -> None:
    assert violations(GOOD) == []


@pytest.mark.parametrize("what", BROKEN)
def test_a_pod_that_breaks_a_rule_is_rejected_for_it(what: str) -> None:
    place, value, violation = BROKEN[what]
    assert violations(broken(place, value)) == [violation]


def test_every_control_has_a_test_that_breaks_it() -> None:
    controls = {
        control
        for place, value, _ in BROKEN.values()
        for control in CONTROLS
        if list(control(broken(place, value)))
    }
    assert controls == set(CONTROLS)


@pytest.mark.parametrize("kind", ["initContainers", "ephemeralContainers"])
def test_containers_of_every_kind_are_checked(kind: str) -> None:
    whole = deepcopy(GOOD)
    whole["spec"][kind] = [{"name": "other", "securityContext": {"privileged": True}}]
    assert "other: Privileged Containers" in violations(whole)


def test_every_rendered_pod_is_admitted(kubernetes: Rendered) -> None:
    faults = {name: violations(template) for name, template in templates(kubernetes).items()}
    assert faults
    assert {name: broken for name, broken in faults.items() if broken} == {}


def test_the_namespace_enforces_the_level_and_also_warns_and_audits(
    kubernetes: Rendered,
) -> None:
    (namespace,) = objects(kubernetes, "Namespace").values()
    labels = namespace["metadata"]["labels"]
    for mode in ("enforce", "warn", "audit"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
    for name, manifest in objects(kubernetes).items():
        if manifest is not namespace:
            assert manifest["metadata"]["namespace"] == namespace["metadata"]["name"], name
