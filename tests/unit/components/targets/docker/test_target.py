"""What the Docker target registers, and with which options."""

from pathlib import Path
from unittest.mock import patch

import pulumi
import pytest

from components.settings import Docker
from components.targets.docker.engine import refuse_context
from components.targets.shared_names import RESERVED
from tests.unit.rendering import Rendered, render

REPLICAS = {"api": {"services": {"backend": {"replicas": {"min": 2, "max": 4}}}}}


@pytest.fixture(scope="module")
def replicas() -> Rendered:
    return render(REPLICAS | {"web": {"gateway": {"replicas": 2}}})


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    directory: Path = tmp_path_factory.mktemp("tls")
    for name in ("chain", "key"):
        (directory / name).write_text(f"the {name}")
    return {"certificate": str(directory / "chain"), "key": str(directory / "key")}


def containers_among(rendered: Rendered, names: frozenset[str]) -> set[str]:
    """The containers of parts among these resources."""
    return set(names) & set(rendered.containers()) - RESERVED


def published(rendered: Rendered) -> dict[str, list[tuple[str, int, int]]]:
    return {
        name: [(port["ip"], port["external"], port["internal"]) for port in inputs["ports"]]
        for name, inputs in rendered.containers().items()
        if "ports" in inputs
    }


def test_plain_pulumi_refuses_a_context_that_would_lead_the_plugin_to_another_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "lab")
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    refuse_context(Docker())
    elsewhere = Docker(host="ssh://deploy@engine.example.com")
    with pytest.raises(pulumi.RunError) as refusal:
        refuse_context(elsewhere)
    assert str(refusal.value) == (
        "docker.host is ssh://deploy@engine.example.com, but DOCKER_CONTEXT is lab, and the Docker "
        "plugin would use the context. Nothing was changed. Remove the variable: unset "
        "DOCKER_CONTEXT"
    )
    with pytest.raises(pulumi.RunError, match=r"docker\.host is ssh"):
        render({"docker": {"host": "ssh://deploy@engine.example.com"}})
    monkeypatch.setenv("DOCKER_HOST", "tcp://own")
    with pytest.raises(pulumi.RunError, match="DOCKER_HOST is tcp://own"):
        refuse_context(Docker())
    with patch("pulumi.runtime.is_dry_run", lambda: True):
        refuse_context(elsewhere)
    monkeypatch.delenv("DOCKER_CONTEXT")
    refuse_context(elsewhere)


def test_a_part_waits_for_the_containers_that_it_starts_after(dev: Rendered) -> None:
    after = {
        name: containers_among(dev, container.depends_on)
        for name, container in dev.of_type("Container").items()
    }
    assert {name: others for name, others in after.items() if others} == {
        "postgres": {"postgres-restore"},
        "postgres-schema": {"postgres"},
        "backup": {"postgres", "postgres-schema"},
        "backend": {"postgres", "postgres-schema", "redis", "decision"},
        "frontend-exporter": {"frontend"},
        "gateway": {"frontend", "backend"},
        "gateway-exporter": {"gateway"},
        "prometheus-gateway": {"prometheus"},
        "alertmanager-gateway": {"alertmanager"},
        "prober": {"gateway"},
        **{
            f"{name}-volumes": {name}
            for name in ("postgres", "backup", "redis", "prometheus", "alertmanager", "grafana")
        },
    }


def test_a_part_waits_for_all_replicas_of_a_service(replicas: Rendered) -> None:
    gateway = replicas.of_type("Container")["gateway"]
    assert containers_among(replicas, gateway.depends_on) == {"backend", "backend-2", "frontend"}


def test_every_container_that_others_wait_for_has_a_health_check_or_ends(dev: Rendered) -> None:
    for name, container in dev.of_type("Container").items():
        for other in containers_among(dev, container.depends_on):
            awaited = dev.containers()[other]
            assert "healthcheck" in awaited or awaited["attach"], f"{name} starts after {other}"


def test_kept_volumes_are_protected_and_shared_directories_are_not(dev: Rendered) -> None:
    assert {name: volume.protect for name, volume in dev.of_type("Volume").items()} == {
        "volume-postgres": True,
        "volume-backup": True,
        "volume-redis": True,
        "volume-prometheus": True,
        "volume-alertmanager": True,
        "volume-grafana": True,
        "volume-frontend-status": False,
        "volume-gateway-status": False,
        "volume-tools": False,
    }


def test_a_secret_that_kept_data_needs_is_protected_with_it(dev: Rendered) -> None:
    """Redis' passwords are in its configuration and not in its data. A job sets the password of
    backups."""
    passwords = dev.of_type("RandomPassword")
    assert {name for name, password in passwords.items() if not password.protect} == {
        "postgres-backup-password",
        "redis-app-password",
        "redis-monitor-password",
    }


def test_no_protected_resource_depends_on_an_unprotected_one(dev: Rendered) -> None:
    """Otherwise removing the stack without its data would have to keep that resource too."""
    by_name = {resource.name: resource for resource in dev.resources.values()}
    for resource in dev.resources.values():
        if resource.protect:
            assert resource.parent in {*dev.tiers(), "ai-platform-dev"}
            assert all(by_name[other].protect for other in resource.depends_on)


def test_a_container_is_recreated_for_changes_that_the_provider_cannot_make(dev: Rendered) -> None:
    for container in dev.of_type("Container").values():
        if not container.inputs.get("attach"):
            assert container.replace_on_changes == ("healthcheck", "tmpfs", "init", "#initerror")


def test_a_replaced_network_or_volume_replaces_its_containers(dev: Rendered) -> None:
    """Pulumi replaces dependents because of their properties, not because of `depends_on`."""
    for name, container in dev.of_type("Container").items():
        networks = container.follows.get("networksAdvanced", frozenset())
        assert len(networks) == len(container.inputs["networksAdvanced"]), name
        volumes = container.follows.get("volumes", frozenset())
        assert len(volumes) == len(container.inputs["volumes"]), name


def test_every_resource_of_the_engine_has_the_stacks_provider(dev: Rendered) -> None:
    for resource in dev.resources.values():
        if resource.type.startswith("docker:"):
            assert resource.provider == "docker", resource.name


def test_containers_and_volumes_belong_to_their_tier(dev: Rendered) -> None:
    for kind in ("Container", "Volume"):
        for name, resource in dev.of_type(kind).items():
            if name not in {"volume-tools", *RESERVED}:
                assert resource.parent in dev.tiers(), name
    assert dev.tiers() == {"data", "cache", "api", "web", "observability"}


def test_each_replica_answers_to_the_same_names(replicas: Rendered) -> None:
    one, two = (replicas.containers()[name] for name in ("backend", "backend-2"))
    assert one["networksAdvanced"] == two["networksAdvanced"]
    assert one["hostname"] == two["hostname"] == "backend"
    assert two["name"] == "ai-platform-dev-backend-2"


def test_replicas_differ_in_name_and_only_one_is_published(
    replicas: Rendered,
) -> None:
    one, two = (dict(replicas.containers()[name]) for name in ("backend", "backend-2"))
    assert one.pop("name") != two.pop("name")
    assert one.pop("ports")
    assert "ports" not in two
    assert one == two


def test_the_smallest_number_of_replicas_runs(replicas: Rendered) -> None:
    assert "backend-3" not in replicas.containers()


def test_each_replica_has_its_own_sidecar_and_shared_directory(replicas: Rendered) -> None:
    containers = replicas.containers()
    for suffix in ("", "-2"):
        main, sidecar = containers[f"gateway{suffix}"], containers[f"gateway-exporter{suffix}"]
        assert main["volumes"] == sidecar["volumes"]
        assert main["volumes"][0]["volumeName"] == f"ai-platform-dev-gateway-status{suffix}"


def test_these_ports_are_published(dev: Rendered) -> None:
    assert published(dev) == {
        "gateway": [("127.0.0.1", 8080, 8080)],
        "backend": [("127.0.0.1", 8000, 8000)],
        "decision": [("127.0.0.1", 8001, 8001)],
        "grafana": [("127.0.0.1", 3000, 3000)],
        "prometheus-gateway": [("127.0.0.1", 9090, 9090)],
        "alertmanager-gateway": [("127.0.0.1", 9093, 9093)],
    }


def test_an_endpoint_is_where_its_port_is_published(dev: Rendered) -> None:
    assert dev.outputs["endpoints"] == {
        "web": "http://127.0.0.1:8080",
        "backend": "http://127.0.0.1:8000",
        "decision": "http://127.0.0.1:8001",
        "grafana": "http://127.0.0.1:3000",
        "prometheus": "http://127.0.0.1:9090",
        "alertmanager": "http://127.0.0.1:9093",
    }


def test_an_endpoint_without_a_port_is_at_the_gateway_if_a_route_leads_to_it() -> None:
    ports = {"backend": None, "decision": None, "web": 18080}
    rendered = render({"docker": {"ports": ports}})
    assert not {"backend", "decision"} & set(published(rendered))
    assert rendered.outputs["endpoints"]["backend"] == "http://127.0.0.1:18080/api"
    assert rendered.outputs["endpoints"]["decision"] is None
    assert rendered.outputs["endpoints"]["web"] == "http://127.0.0.1:18080"


def test_only_the_gateway_is_open_to_the_network_and_only_with_tls(tls: dict[str, str]) -> None:
    rendered = render({"docker": {"bind": "192.0.2.7", "tls": tls}})
    elsewhere = {
        name: ports
        for name, ports in published(rendered).items()
        if any(address != "127.0.0.1" for address, _, _ in ports)
    }
    assert elsewhere == {"gateway": [("192.0.2.7", 8080, 8443)]}
    assert rendered.outputs["endpoints"]["web"] == "https://192.0.2.7:8080"


def test_a_certificates_key_is_secret_and_readable_in_the_container(tls: dict[str, str]) -> None:
    rendered = render({"docker": {"tls": tls}})
    gateway = rendered.of_type("Container")["gateway"]
    uploads = gateway.inputs["uploads"]
    number = [upload["file"] for upload in uploads].index("/run/secrets/tls.key")
    assert uploads[number]["content"] == "the key"
    assert ("uploads", str(number), "content") in gateway.secrets


def test_two_stacks_share_no_name_on_the_engine(dev: Rendered) -> None:
    def names(rendered: Rendered) -> set[str]:
        return {
            resource.inputs["name"]
            for kind in ("Container", "Volume", "Network")
            for resource in rendered.of_type(kind).values()
        }

    assert not names(dev) & names(render(stack_name="other"))


def test_a_users_service_can_have_a_kept_volume() -> None:
    rendered = render({"api": {"services": {"backend": {"data_volume": {}}}}})
    assert rendered.of_type("Volume")["volume-backend-data"].protect
    backend = rendered.containers()["backend"]
    mounted = [volume["containerPath"] for volume in backend["volumes"]]
    assert mounted == ["/app/data", "/run/ai-platform"]
    assert not set(mounted) & set(backend["tmpfs"]), "one mount hides the other"


def test_the_provider_gets_the_host_of_a_remote_engine() -> None:
    rendered = render({"docker": {"host": "ssh://user@host"}})
    assert rendered.of_type("docker")["docker"].inputs == {"host": "ssh://user@host"}
