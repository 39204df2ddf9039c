"""The Pod Security Standards' level `restricted`, evaluated on a pod: the rules of Kubernetes 1.34.

Each control is a function. Its violations have the name that the standard uses.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tests.unit.objects import Object, containers

Control = Callable[[Object], Iterator[str]]

SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
SELINUX_TYPES = {
    "",
    "container_t",
    "container_init_t",
    "container_kvm_t",
    "container_engine_t",
}
APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
CONFINED = ("RuntimeDefault", "Localhost")


def violations(template: Object) -> list[str]:
    """Every reason for which a namespace that enforces `restricted` rejects a pod."""
    return [violation for control in CONTROLS for violation in control(template)]


def contexts(template: Object) -> Iterator[tuple[str, dict[str, Any]]]:
    """The security context of the pod and of each of its containers."""
    yield "pod", template["spec"].get("securityContext") or {}
    for container in containers(template):
        yield container["name"], container.get("securityContext") or {}


def host_process(template: Object) -> Iterator[str]:
    for name, context in contexts(template):
        if (context.get("windowsOptions") or {}).get("hostProcess"):
            yield f"{name}: HostProcess"


def host_namespaces(template: Object) -> Iterator[str]:
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if template["spec"].get(key):
            yield f"pod: Host Namespaces: {key}"


def privileged(template: Object) -> Iterator[str]:
    for name, context in contexts(template):
        if context.get("privileged"):
            yield f"{name}: Privileged Containers"


def capabilities(template: Object) -> Iterator[str]:
    for container in containers(template):
        changes = (container.get("securityContext") or {}).get("capabilities") or {}
        if "ALL" not in changes.get("drop", []):
            yield f"{container['name']}: Capabilities: not all are dropped"
        for name in set(changes.get("add", [])) - {"NET_BIND_SERVICE"}:
            yield f"{container['name']}: Capabilities: {name} is added"


def volume_types(template: Object) -> Iterator[str]:
    """This also covers the control HostPath Volumes."""
    for volume in template["spec"].get("volumes") or []:
        for kind in set(volume) - {"name"} - VOLUMES:
            yield f"pod: Volume Types: {kind}"


def host_ports(template: Object) -> Iterator[str]:
    for container in containers(template):
        if any(port.get("hostPort") for port in container.get("ports", [])):
            yield f"{container['name']}: Host Ports"


def hosts_of_probes(template: Object) -> Iterator[str]:
    for container in containers(template):
        probes = [container.get(f"{kind}Probe") for kind in ("liveness", "readiness", "startup")]
        hooks = (container.get("lifecycle") or {}).values()
        for question in (*filter(None, probes), *hooks):
            if any((question.get(kind) or {}).get("host") for kind in ("httpGet", "tcpSocket")):
                yield f"{container['name']}: Host Probes / Lifecycle Hooks"


def apparmor(template: Object) -> Iterator[str]:
    for key, value in (template.get("metadata", {}).get("annotations") or {}).items():
        if key.startswith(APPARMOR) and not value.startswith(("runtime/default", "localhost/")):
            yield f"pod: AppArmor: {value}"
    for name, context in contexts(template):
        kind = (context.get("appArmorProfile") or {}).get("type", "RuntimeDefault")
        if kind not in CONFINED:
            yield f"{name}: AppArmor: {kind}"


def selinux(template: Object) -> Iterator[str]:
    for name, context in contexts(template):
        options = context.get("seLinuxOptions") or {}
        if options.get("type", "") not in SELINUX_TYPES:
            yield f"{name}: SELinux: {options['type']}"
        if options.get("user") or options.get("role"):
            yield f"{name}: SELinux: a user or a role"


def proc_mount(template: Object) -> Iterator[str]:
    for name, context in contexts(template):
        if context.get("procMount", "Default") != "Default":
            yield f"{name}: /proc Mount Type"


def sysctls(template: Object) -> Iterator[str]:
    for sysctl in (template["spec"].get("securityContext") or {}).get("sysctls", []):
        if sysctl["name"] not in SYSCTLS:
            yield f"pod: Sysctls: {sysctl['name']}"


def privilege_escalation(template: Object) -> Iterator[str]:
    for container in containers(template):
        if (container.get("securityContext") or {}).get("allowPrivilegeEscalation") is not False:
            yield f"{container['name']}: Privilege Escalation"


def non_root(template: Object) -> Iterator[str]:
    whole = (template["spec"].get("securityContext") or {}).get("runAsNonRoot")
    for container in containers(template):
        if (container.get("securityContext") or {}).get("runAsNonRoot", whole) is not True:
            yield f"{container['name']}: Running as Non-root"


def non_root_user(template: Object) -> Iterator[str]:
    for name, context in contexts(template):
        if context.get("runAsUser") == 0:
            yield f"{name}: Running as Non-root user"


def seccomp(template: Object) -> Iterator[str]:
    whole = (template["spec"].get("securityContext") or {}).get("seccompProfile")
    for container in containers(template):
        own = (container.get("securityContext") or {}).get("seccompProfile", whole) or {}
        if own.get("type") not in CONFINED:
            yield f"{container['name']}: Seccomp: {own.get('type')}"


CONTROLS: tuple[Control, ...] = (
    host_process,
    host_namespaces,
    privileged,
    capabilities,
    volume_types,
    host_ports,
    hosts_of_probes,
    apparmor,
    selinux,
    proc_mount,
    sysctls,
    privilege_escalation,
    non_root,
    non_root_user,
    seccomp,
)
