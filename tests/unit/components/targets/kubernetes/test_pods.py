"""From a workload to its pod; the rules that hold for every pod are in test_rules_of_pods.py."""

import re
from typing import Any

import pytest

from components.settings.kubernetes import Kubernetes, Toleration
from components.targets.kubernetes import pods
from components.targets.kubernetes.configuration import Mounted
from components.workload import (
    Container,
    Identity,
    Image,
    Port,
    Resources,
    Shared,
    Volume,
    Workload,
)

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=7, gid=8))
SMALL = Resources(memory=64, cpu=0.1)
HTTP = Port(name="http", number=8080)
DATA = Volume(name="app-data", path="/data", size="1Gi")
STATUS = Shared(name="app-status", path="/run/status")
BESIDE = Container(
    name="beside",
    image=Image(reference="acme/beside:1", identity=Identity(uid=1001, gid=1002)),
    resources=SMALL,
    stop_grace=40,
)


def workload(**given: Any) -> Workload:
    return Workload(name="app", tier="api", image=IMAGE, resources=SMALL, **given)


def spec(described: Workload, **given: Any) -> dict[str, Any]:
    place = pods.Place(
        settings=given.pop("settings", Kubernetes()),
        service_account="ai-platform-app",
        mounted=[Mounted() for _ in described.containers()],
        claims=[f"claim-of-{each.name}" for each in described.volumes],
        **given,
    )
    found: dict[str, Any] = pods.template(described, place)["spec"]
    return found


def test_what_serves_pauses_before_it_ends_so_that_nobody_sends_it_more() -> None:
    described = workload(ports=(HTTP,), stop_grace=20)
    (made,) = spec(described)["containers"]
    assert made["lifecycle"] == {"preStop": {"sleep": {"seconds": pods.PAUSE}}}
    assert spec(described)["terminationGracePeriodSeconds"] == 20 + pods.PAUSE


@pytest.mark.parametrize(
    "given", [{}, {"ports": (HTTP,), "volumes": (DATA,)}], ids=["no port", "a volume of its own"]
)
def test_where_no_other_pod_answers_meanwhile_it_ends_at_once(given: dict[str, Any]) -> None:
    described = workload(stop_grace=20, **given)
    assert "lifecycle" not in spec(described)["containers"][0]
    assert spec(described)["terminationGracePeriodSeconds"] == 20


def test_a_pod_has_the_longest_grace_of_its_containers() -> None:
    assert spec(workload(sidecars=(BESIDE,)))["terminationGracePeriodSeconds"] == 40


def test_ports_below_1024_need_a_safe_sysctl_and_others_none() -> None:
    def sysctls(number: int) -> Any:
        described = workload(ports=(Port(name="http", number=number),))
        return spec(described)["securityContext"].get("sysctls")

    assert sysctls(80) == [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
    assert sysctls(1023) == sysctls(80)
    assert sysctls(1024) is None


@pytest.mark.parametrize("given", [{"volumes": (DATA,)}, {"shared": (STATUS,)}])
def test_what_a_pod_shares_or_keeps_belongs_to_its_group(given: dict[str, Any]) -> None:
    security = spec(workload(**given))["securityContext"]
    assert security["fsGroup"] == IMAGE.identity.gid
    assert security["fsGroupChangePolicy"] == "OnRootMismatch"


def test_a_pod_without_data_needs_no_group_for_it() -> None:
    assert "fsGroup" not in spec(workload(scratch=("/tmp",)))["securityContext"]


def test_each_container_runs_as_its_own_image_says() -> None:
    main, beside = (
        each["securityContext"] for each in spec(workload(sidecars=(BESIDE,)))["containers"]
    )
    assert (main["runAsUser"], main["runAsGroup"]) == (7, 8)
    assert (beside["runAsUser"], beside["runAsGroup"]) == (1001, 1002)


def test_a_volume_is_mounted_by_the_main_container_only() -> None:
    found = spec(workload(volumes=(DATA,), sidecars=(BESIDE,)))
    assert {"name": "app-data", "persistentVolumeClaim": {"claimName": "claim-of-app-data"}} in (
        found["volumes"]
    )
    main, beside = found["containers"]
    assert main["volumeMounts"] == [{"name": "app-data", "mountPath": "/data"}]
    assert beside["volumeMounts"] == []


def test_an_entrypoint_is_the_command_and_a_command_its_arguments() -> None:
    """As Docker has it: the image's entrypoint stays where only a command is given."""
    (made,) = spec(workload(entrypoint=("sh", "-c"), command=("exit 0",)))["containers"]
    assert (made["command"], made["args"]) == (["sh", "-c"], ["exit 0"])
    (made,) = spec(workload(command=("serve",)))["containers"]
    assert "command" not in made


def test_plain_variables_are_sorted() -> None:
    (made,) = spec(workload(env={"B": "2", "A": "1"}))["containers"]
    assert made["env"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]


def test_a_container_has_what_its_files_and_secrets_bring() -> None:
    described = workload(env={"A": "1"})
    reference = {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    mount = {"name": "v", "mountPath": "/v", "subPath": "v", "readOnly": True}
    place = pods.Place(
        settings=Kubernetes(),
        service_account="a",
        mounted=[Mounted(volumes=[{"name": "v"}], mounts=[mount], env=[reference])],
    )
    found = pods.template(described, place)["spec"]
    assert found["volumes"] == [{"name": "v"}]
    (made,) = found["containers"]
    assert made["volumeMounts"] == [mount]
    assert made["env"] == [{"name": "A", "value": "1"}, reference]


def test_what_a_pod_does_not_need_is_left_out() -> None:
    found = spec(workload())
    assert not {
        "imagePullSecrets",
        "initContainers",
        "nodeSelector",
        "restartPolicy",
        "topologySpreadConstraints",
    } & set(found)
    assert not {"command", "args", "env", "ports", "lifecycle"} & set(found["containers"][0])


def test_where_pods_run_and_with_which_login_they_are_pulled_is_the_settings_own() -> None:
    settings = Kubernetes(
        node_selector={"pool": "apps"},
        tolerations=[Toleration(key="apps", operator="Exists", effect="NoSchedule")],
    )
    found = spec(workload(), settings=settings, pull_secret="login")
    assert found["nodeSelector"] == {"pool": "apps"}
    assert found["tolerations"][0] == {
        "key": "apps",
        "operator": "Exists",
        "effect": "NoSchedule",
    }
    assert found["imagePullSecrets"] == [{"name": "login"}]


def test_a_pod_stays_on_a_lost_node_for_as_long_as_the_settings_say() -> None:
    found = spec(workload(), settings=Kubernetes(lost_node_seconds=45))
    assert found["tolerations"] == [
        {
            "key": f"node.kubernetes.io/{taint}",
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": 45,
        }
        for taint in ("not-ready", "unreachable")
    ]


@pytest.mark.parametrize(
    ("stated", "left"),
    [
        (Toleration(operator="Exists"), []),
        (Toleration(operator="Exists", effect="NoSchedule"), ["not-ready", "unreachable"]),
        (Toleration(key="node.kubernetes.io/unreachable", operator="Exists"), ["not-ready"]),
    ],
)
def test_a_taint_of_a_lost_node_that_the_settings_tolerate_is_left_to_them(
    stated: Toleration, left: list[str]
) -> None:
    first, *ours = pods.tolerations(Kubernetes(tolerations=[stated]))
    assert first == stated.model_dump(exclude_none=True)
    assert [each["key"] for each in ours] == [f"node.kubernetes.io/{taint}" for taint in left]


@pytest.mark.parametrize(
    ("wanted", "requests", "limits"),
    [
        (Resources(memory=512, cpu=1), ("256Mi", "500m"), ("512Mi", "1")),
        (Resources(memory=1, cpu=0.05), ("1Mi", "25m"), ("1Mi", "50m")),
        (
            Resources(memory=1024, cpu=0.5, memory_request=512, cpu_request=0.25),
            ("512Mi", "250m"),
            ("1024Mi", "500m"),
        ),
        (Resources(memory=64, cpu=3, cpu_request=2.5), ("32Mi", "2500m"), ("64Mi", "3")),
    ],
)
def test_a_node_sets_aside_half_of_the_limits_unless_it_is_said(
    wanted: Resources, requests: tuple[str, str], limits: tuple[str, str]
) -> None:
    found = pods.resources(wanted)
    assert (found["requests"]["memory"], found["requests"]["cpu"]) == requests
    assert (found["limits"]["memory"], found["limits"]["cpu"]) == limits


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("$(HOME)/data", "$$(HOME)/data"),
        ("$$(HOME)", "$$$$(HOME)"),
        ("$$", "$$$"),
        ('exec app --token="$(cat /run/secrets/token)" $HOME', None),
        ("costs $5 (or so)", None),
    ],
)
def test_no_variable_takes_the_place_of_a_word_or_a_value(said: str, given: str | None) -> None:
    described = workload(env={"SAID": said}, command=(said,), entrypoint=(said,))
    made = spec(described)["containers"][0]
    expected = given or said
    assert (made["command"], made["args"]) == ([expected], [expected])
    assert made["env"][0] == {"name": "SAID", "value": expected}
    assert expand(expected) == said


def expand(text: str) -> str:
    """As Kubernetes reads it (third_party/forked/golang/expansion), with no variable defined."""
    return re.sub(r"\$(\$|\([^)]*\)|.)", lambda m: "$" if m[1] == "$" else m[0], text)
