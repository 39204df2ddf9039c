"""The pod of a workload; test_rules_of_pods.py has the rules for every pod."""

import re
from typing import Any

import pulumi
import pytest

from components.container import (
    Container,
    Identity,
    Image,
    Port,
    Resources,
    SharedDirectory,
)
from components.settings import Kubernetes, Toleration
from components.targets.kubernetes import pods
from components.targets.kubernetes.configuration import NOTHING, Mounted
from components.targets.kubernetes.scope import Scope
from components.volumes import Volume
from components.workload import Workload

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=7, gid=8))
SMALL = Resources(memory=64, cpu=0.1)
HTTP = Port(name="http", number=8080)
DATA = Volume(name="app-data", path="/data", size="1Gi")
STATUS = SharedDirectory(name="app-status", path="/run/status")
SIDECAR = Container(
    name="sidecar",
    image=Image(reference="acme/sidecar:1", identity=Identity(uid=1001, gid=1002)),
    resources=SMALL,
    stop_grace=40,
)


def workload(**fields: Any) -> Workload:
    return Workload(name="app", tier="api", image=IMAGE, resources=SMALL, **fields)


def scope(settings: Kubernetes | None = None, pull_secret: str | None = None) -> Scope:
    return Scope(
        settings=settings or Kubernetes(),
        namespace="ai-platform",
        opts=pulumi.ResourceOptions(),
        discovered=True,
        pull_secret=pull_secret,
    )


DEFAULT = scope()


def template(
    workload: Workload, scope: Scope | None = None, mounted: Mounted = NOTHING
) -> dict[str, Any]:
    """The pod template; the main container has what is `mounted`."""
    inputs = pods.PodInputs(
        scope=scope or DEFAULT,
        service_account="ai-platform-app",
        mounted=[mounted, *(NOTHING for _ in [*workload.sidecars, *workload.init])],
        claims=[f"claim-of-{volume.name}" for volume in workload.volumes],
    )
    return pods.template(workload, inputs)


def spec(
    workload: Workload, scope: Scope | None = None, mounted: Mounted = NOTHING
) -> dict[str, Any]:
    pod: dict[str, Any] = template(workload, scope, mounted)["spec"]
    return pod


def container(workload: Workload, mounted: Mounted = NOTHING) -> dict[str, Any]:
    """The main container of the pod, which has no other."""
    (main,) = spec(workload, mounted=mounted)["containers"]
    return dict(main)


def test_a_serving_pod_pauses_before_it_ends() -> None:
    server = workload(ports=(HTTP,), stop_grace=20)
    assert container(server)["lifecycle"] == {"preStop": {"sleep": {"seconds": pods.PAUSE}}}
    assert spec(server)["terminationGracePeriodSeconds"] == 20 + pods.PAUSE


@pytest.mark.parametrize(
    "fields", [{}, {"ports": (HTTP,), "volumes": (DATA,)}], ids=["no port", "a volume of its own"]
)
def test_a_pod_without_a_substitute_ends_at_once(fields: dict[str, Any]) -> None:
    part = workload(stop_grace=20, **fields)
    assert "lifecycle" not in container(part)
    assert spec(part)["terminationGracePeriodSeconds"] == 20


def test_a_pods_grace_period_is_the_longest_of_its_containers() -> None:
    assert spec(workload(sidecars=(SIDECAR,)))["terminationGracePeriodSeconds"] == 40


def test_only_ports_below_1024_need_a_safe_sysctl() -> None:
    def sysctls(number: int) -> Any:
        server = workload(ports=(Port(name="http", number=number),))
        return spec(server)["securityContext"].get("sysctls")

    assert sysctls(80) == [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
    assert sysctls(1023) == sysctls(80)
    assert sysctls(1024) is None


@pytest.mark.parametrize("fields", [{"volumes": (DATA,)}, {"shared": (STATUS,)}])
def test_shared_and_kept_volumes_belong_to_the_pods_group(fields: dict[str, Any]) -> None:
    security = spec(workload(**fields))["securityContext"]
    assert security["fsGroup"] == IMAGE.identity.gid
    assert security["fsGroupChangePolicy"] == "OnRootMismatch"


def test_a_pod_without_volumes_has_no_fs_group() -> None:
    assert "fsGroup" not in spec(workload(scratch=("/tmp",)))["securityContext"]


def test_each_container_runs_as_its_images_user() -> None:
    main, sidecar = (
        container["securityContext"]
        for container in spec(workload(sidecars=(SIDECAR,)))["containers"]
    )
    assert (main["runAsUser"], main["runAsGroup"]) == (7, 8)
    assert (sidecar["runAsUser"], sidecar["runAsGroup"]) == (1001, 1002)


def test_an_entrypoint_becomes_command_and_a_command_becomes_args() -> None:
    """As on Docker: the image's entrypoint stays if only a command is set."""
    with_both = container(workload(entrypoint=("sh", "-c"), command=("exit 0",)))
    assert (with_both["command"], with_both["args"]) == (["sh", "-c"], ["exit 0"])
    with_command = container(workload(command=("serve",)))
    assert with_command["args"] == ["serve"]
    assert "command" not in with_command


def test_plain_variables_are_sorted() -> None:
    env = container(workload(env={"B": "2", "A": "1"}))["env"]
    assert env == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]


def test_a_container_has_the_mounts_and_variables_of_its_files_and_secrets() -> None:
    reference = {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    mount = {"name": "v", "mountPath": "/v", "subPath": "v", "readOnly": True}
    mounted = Mounted(
        volumes=[{"name": "v"}], mounts=[mount], env=[reference], annotations={"version": "7"}
    )
    part = workload(env={"A": "1"})
    assert spec(part, mounted=mounted)["volumes"] == [{"name": "v"}]
    assert container(part, mounted)["volumeMounts"] == [mount]
    assert container(part, mounted)["env"] == [{"name": "A", "value": "1"}, reference]
    assert template(part, mounted=mounted)["metadata"]["annotations"] == {"version": "7"}


def test_empty_fields_are_left_out() -> None:
    pod = spec(workload())
    assert not {
        "imagePullSecrets",
        "initContainers",
        "nodeSelector",
        "restartPolicy",
        "runtimeClassName",
        "topologySpreadConstraints",
    } & set(pod)
    assert not {"command", "args", "env", "ports", "lifecycle"} & set(container(workload()))
    assert "annotations" not in template(workload())["metadata"]


def test_the_settings_select_nodes_and_the_pull_secret() -> None:
    settings = Kubernetes(
        node_selector={"pool": "apps"},
        tolerations=[Toleration(key="apps", operator="Exists", effect="NoSchedule")],
    )
    pod = spec(workload(), scope(settings, pull_secret="login"))
    assert pod["nodeSelector"] == {"pool": "apps"}
    assert pod["tolerations"][0] == {
        "key": "apps",
        "operator": "Exists",
        "effect": "NoSchedule",
    }
    assert pod["imagePullSecrets"] == [{"name": "login"}]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("$(HOME)/data", "$$(HOME)/data"),
        ("$$(HOME)", "$$$$(HOME)"),
        ("$$", "$$$"),
        ('exec app --token="$(cat /run/secrets/token)" $HOME', None),
        ("costs $5 (or so)", None),
    ],
)
def test_kubernetes_expands_no_variables_in_words_and_values(
    text: str, escaped: str | None
) -> None:
    main = container(workload(env={"TEXT": text}, command=(text,), entrypoint=(text,)))
    literal = escaped or text
    assert (main["command"], main["args"]) == ([literal], [literal])
    assert main["env"][0] == {"name": "TEXT", "value": literal}
    assert expand(literal) == text


def expand(text: str) -> str:
    """The text as Kubernetes expands it (third_party/forked/golang/expansion) without variables."""
    return re.sub(r"\$(\$|\([^)]*\)|.)", lambda m: "$" if m[1] == "$" else m[0], text)
