"""Rules for every pod of every Kubernetes stack, including pods with third-party images.

test_pod_security.py has the rules of the level `restricted`; these are our own rules.
"""

import json
import re
from collections import Counter

import pytest

from components.container import Container
from tests.unit.cases import Case
from tests.unit.objects import Object, containers, objects, referenced, templates
from tests.unit.rendering import Rendered

QUANTITY = re.compile(r"(\d+)(m|Mi|Gi)?")


@pytest.fixture
def pods(kubernetes: Rendered) -> dict[str, Object]:
    return templates(kubernetes)


def descriptions(rendered: Rendered) -> dict[str, Container]:
    """The description of each container, by its name."""
    return {
        container.name: container for part in rendered.own_parts for container in part.containers()
    }


def _of_workloads(rendered: Rendered) -> dict[str, Object]:
    """The templates of pods that keep running."""
    return {
        name: template
        for name, template in templates(rendered).items()
        if name.partition(" ")[0] not in ("Job", "CronJob")
    }


def number(quantity: str) -> float:
    """The number of cores or MiB."""
    match = QUANTITY.fullmatch(quantity)
    assert match, quantity
    factor = {"m": 0.001, "Mi": 1, "Gi": 1024, None: 1}[match[2]]
    return int(match[1]) * factor


def test_every_workload_has_a_pod_with_all_its_containers(kubernetes: Rendered) -> None:
    names = {
        container["name"]
        for template in templates(kubernetes).values()
        for container in containers(template)
    }
    assert set(descriptions(kubernetes)) <= names


def test_no_container_can_write_to_its_image(pods: dict[str, Object]) -> None:
    for name, template in pods.items():
        for container in containers(template):
            assert container["securityContext"]["readOnlyRootFilesystem"] is True, (
                name,
                container["name"],
            )


def test_it_runs_as_its_images_user(kubernetes: Rendered) -> None:
    expected = descriptions(kubernetes)
    for template in templates(kubernetes).values():
        for container in template["spec"]["containers"]:
            identity = expected[container["name"]].image.identity
            context = container["securityContext"]
            assert (context["runAsUser"], context["runAsGroup"]) == (identity.uid, identity.gid)


def test_no_pod_has_a_service_account_token(kubernetes: Rendered) -> None:
    for name, template in templates(kubernetes).items():
        assert template["spec"]["automountServiceAccountToken"] is False, name
    accounts = objects(kubernetes, "ServiceAccount")
    for name, account in accounts.items():
        assert account["automountServiceAccountToken"] is False, name
    pods = templates(kubernetes).values()
    assert Counter(template["spec"]["serviceAccountName"] for template in pods) == Counter(
        account["metadata"]["name"] for account in accounts.values()
    )


def test_its_environment_contains_no_service_addresses(pods: dict[str, Object]) -> None:
    for name, template in pods.items():
        assert template["spec"]["enableServiceLinks"] is False, name


def test_every_container_has_requests_and_limits(pods: dict[str, Object]) -> None:
    for name, template in pods.items():
        for container in containers(template):
            requests, limits = container["resources"]["requests"], container["resources"]["limits"]
            for kind in ("memory", "cpu", "ephemeral-storage"):
                assert 0 < number(requests[kind]) <= number(limits[kind]), (name, kind)


def test_its_disk_limit_covers_its_scratch_directories(pods: dict[str, Object]) -> None:
    """Kubernetes compares the sum of a pod's limits with the sum of its directories and logs."""
    for name, template in pods.items():
        limit = sum(
            number(container["resources"]["limits"]["ephemeral-storage"])
            for container in containers(template)
        )
        directories = sum(
            number(volume["emptyDir"]["sizeLimit"])
            for volume in template["spec"]["volumes"]
            if "emptyDir" in volume and "medium" not in volume["emptyDir"]
        )
        # The kubelet keeps 50 MiB of logs of each container by default.
        assert limit >= directories + 50 * len(list(containers(template))), name


def test_postgres_and_redis_are_guaranteed_what_they_may_use(kubernetes: Rendered) -> None:
    """The quality of service is a pod's: one container with a smaller request would change it."""
    guaranteed = {
        name
        for name, template in templates(kubernetes).items()
        if all(
            container["resources"]["requests"][kind] == container["resources"]["limits"][kind]
            for container in containers(template)
            for kind in ("memory", "cpu")
        )
    }
    servers = {
        f"StatefulSet ai-platform-{part.name}"
        for part in kubernetes.workloads
        if part.name in ("postgres", "redis")
    }
    assert "StatefulSet ai-platform-redis" in servers
    assert guaranteed == servers


def test_a_stateful_set_names_a_headless_service_of_its_pods(kubernetes: Rendered) -> None:
    services = objects(kubernetes, "Service")
    stateful_sets = objects(kubernetes, "StatefulSet")
    assert stateful_sets
    for name, stateful_set in stateful_sets.items():
        service = services[f"Service {stateful_set['spec']['serviceName']}"]
        assert service["spec"]["clusterIP"] == "None", name
        labels = stateful_set["spec"]["template"]["metadata"]["labels"]
        assert service["spec"]["selector"].items() <= labels.items(), name


def test_every_container_with_health_checks_has_probes(kubernetes: Rendered) -> None:
    expected = descriptions(kubernetes)
    for template in templates(kubernetes).values():
        for container in template["spec"]["containers"]:
            ready, alive = expected[container["name"]].ready, expected[container["name"]].alive
            assert ("readinessProbe" in container) == (ready is not None), container["name"]
            assert ("livenessProbe" in container) == (alive is not None), container["name"]
            assert ("startupProbe" in container) == bool(ready or alive), container["name"]


def test_every_container_has_a_probe_and_only_a_sidecar_has_no_readiness_probe(
    kubernetes: Rendered,
) -> None:
    """Without its exporter a pod can still take requests, so the exporter is only restarted. A job
    ends by itself."""
    for template in _of_workloads(kubernetes).values():
        main, *sidecars = template["spec"]["containers"]
        assert "readinessProbe" in main, main["name"]
        for sidecar in sidecars:
            assert "livenessProbe" in sidecar, sidecar["name"]


def test_no_readiness_probe_uses_pg_isready(pods: dict[str, Object]) -> None:
    """pg_isready can prove that a server is alive, but not that it can serve."""
    for name, template in pods.items():
        for container in template["spec"]["containers"]:
            ready = json.dumps(container.get("readinessProbe", {}))
            assert "pg_isready" not in ready, name
            assert "redis-cli" not in ready or "grep -qx PONG" in ready, name
            assert "curl" not in json.dumps([ready, container.get("livenessProbe")]), name


def test_no_path_is_mounted_twice(pods: dict[str, Object]) -> None:
    for name, template in pods.items():
        for container in containers(template):
            paths = [mount["mountPath"] for mount in container.get("volumeMounts", [])]
            assert len(paths) == len(set(paths)), (name, container["name"])


def test_every_mount_has_its_volume_and_every_volume_a_mount(pods: dict[str, Object]) -> None:
    for name, template in pods.items():
        volumes = [volume["name"] for volume in template["spec"]["volumes"]]
        mounts = {
            m["name"]
            for container in containers(template)
            for m in container.get("volumeMounts", [])
        }
        assert len(volumes) == len(set(volumes)), name
        assert set(volumes) == mounts, name


def test_a_claim_that_the_stack_does_not_create_is_only_read(own_kubernetes: Rendered) -> None:
    ours = objects(own_kubernetes, "PersistentVolumeClaim")
    others = [
        (template, volume)
        for template in templates(own_kubernetes).values()
        for volume in template["spec"]["volumes"]
        if (claim := volume.get("persistentVolumeClaim"))
        and f"PersistentVolumeClaim {claim['claimName']}" not in ours
    ]
    assert len(others) == 1
    for template, volume in others:
        assert volume["persistentVolumeClaim"]["readOnly"] is True
        for container in containers(template):
            for mount in container["volumeMounts"]:
                assert mount["name"] != volume["name"] or mount["readOnly"] is True


def test_a_scratch_directory_has_a_limit(pods: dict[str, Object]) -> None:
    for name, template in pods.items():
        for volume in template["spec"]["volumes"]:
            if "emptyDir" in volume:
                assert volume["emptyDir"]["sizeLimit"], (name, volume["name"])


def test_files_are_mounted_read_only_and_readable_by_the_container_s_user(
    pods: dict[str, Object],
) -> None:
    for name, template in pods.items():
        sources = {volume["name"]: volume for volume in template["spec"]["volumes"]}
        for container in containers(template):
            for mount in container.get("volumeMounts", []):
                source = sources[mount["name"]]
                files = source.get("configMap") or source.get("secret") or source.get("projected")
                if files:
                    assert mount["readOnly"] is True, (name, mount)
                    assert files["defaultMode"] == 0o444, (name, mount)


def test_everything_that_a_pod_reads_exists(case: Case, kubernetes: Rendered) -> None:
    """The program creates the object, or the settings say that the cluster has it."""
    keys: dict[tuple[str, str], set[str]] = {
        (manifest["kind"], manifest["metadata"]["name"]): set(manifest.get("data", {}))
        for manifest in objects(kubernetes).values()
    }
    for secret in case.settings["kubernetes"].get("secrets", {}).values():
        keys.setdefault(("Secret", secret["name"]), set()).add(secret["key"])
    services = case.settings["api"]["services"] if "api" in case.settings else {}
    for service in services.values():
        if claim := service.get("models", {}).get("claim"):
            keys["PersistentVolumeClaim", claim] = set()
    for name, template in templates(kubernetes).items():
        for kind, reference, key in referenced(template):
            assert (kind, reference) in keys, (name, kind, reference)
            assert not key or key in keys[kind, reference], (name, reference, key)


def test_a_pod_depends_on_the_objects_that_it_reads(kubernetes: Rendered) -> None:
    names = {
        (resource.inputs["kind"], resource.inputs["metadata"]["name"]): resource.name
        for resource in kubernetes.resources.values()
        if resource.type.startswith("kubernetes:")
    }
    for resource in kubernetes.resources.values():
        if resource.type.startswith("kubernetes:apps/"):
            references = {
                (kind, name) for kind, name, _ in referenced(resource.inputs["spec"]["template"])
            }
            ours = {f"{kind} {names[kind, name]}" for kind, name in references & names.keys()}
            assert ours, resource.name
            assert ours <= resource.depends_on, resource.name


@pytest.mark.parametrize(
    ("stack", "variables"),
    [("prod", {}), ("own_kubernetes", {"backend": ["DSN", "MODEL_KEY", "REDIS"]})],
)
def test_only_variables_that_ask_for_secrets_have_them_by_reference(
    stack: str, variables: dict[str, list[str]], request: pytest.FixtureRequest
) -> None:
    """test_rules_of_objects.py checks that no pod contains a password."""
    rendered: Rendered = request.getfixturevalue(stack)
    references = {
        container["name"]: [env["name"] for env in container.get("env", []) if "valueFrom" in env]
        for template in templates(rendered).values()
        for container in containers(template)
    }
    assert {name: names for name, names in references.items() if names} == variables


def test_a_node_pulls_an_image_only_if_it_is_missing(pods: dict[str, Object]) -> None:
    for name, template in pods.items():
        for container in containers(template):
            assert container["imagePullPolicy"] == "IfNotPresent", (name, container["name"])


def test_selectors_use_labels_that_never_change(kubernetes: Rendered) -> None:
    for name, template in _of_workloads(kubernetes).items():
        selector = objects(kubernetes)[name]["spec"]["selector"]["matchLabels"]
        assert set(selector) == {"app.kubernetes.io/name", "app.kubernetes.io/instance"}, name
        assert selector.items() <= template["metadata"]["labels"].items(), name
