"""What copies the volumes of services to a bucket, and brings them back."""

import json
from typing import Any

import pytest

from components import offsite
from components.addresses import Address
from components.container import Container, Http
from components.data.connection import BACKUP_PART
from components.settings import Offsite
from components.targets.docker.networks import plan
from components.targets.shared_names import OUTSIDE
from components.volumes import Mount
from components.workload import Workload
from tests.unit.cases import VISION
from tests.unit.describing import KUBERNETES
from tests.unit.objects import objects
from tests.unit.rendering import Rendered, render

BUCKET = {
    "endpoint": "https://s3.example.com:8443",
    "bucket": "acme",
    "prefix": "prod",
    "cidrs": ["198.51.100.0/24"],
    "access_key": "key",
    "secret_key": "secret",
    "passphrase": "phrase",
}
REPORTS = {
    "image": "acme/reports:1.0.0",
    "user": "1000:2000",
    "data_volume": {"path": "/srv/reports"},
}


def stack(*, files: bool = True, **values: Any) -> dict[str, Any]:
    return {
        "data": {"backup": {"retention": {"days": 30}, "offsite": {**BUCKET, "files": files}}},
        "api": {"services": {"reports": {**REPORTS, "models": VISION["models"]}}},
        **values,
    }


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    return render(stack(), secret=("data",))


def part(rendered: Rendered, name: str = "reports") -> Workload:
    return next(part for part in rendered.workloads if part.name == name)


def configuration(container: Container) -> dict[str, Any]:
    (file,) = (file for file in container.files if file.path == "/etc/backup/files.json")
    return dict(json.loads(file.content.template))


@pytest.mark.parametrize(
    "values",
    [
        {"api": stack()["api"]},
        stack(files=False),
        stack(api={"services": {"reports": {"image": "acme/reports:1.0.0"}}}),
    ],
)
def test_without_a_bucket_for_files_or_without_a_volume_nothing_is_added(
    values: dict[str, Any],
) -> None:
    reports = part(render(values, secret=("data",)))
    names = {container.name for container in reports.all_containers()}
    assert names <= {"reports", "reports-volumes", "reports-models-fill"}


def test_the_sidecar_reads_all_volumes_as_the_service_itself(rendered: Rendered) -> None:
    reports = part(rendered)
    (sidecar,) = (one for one in reports.sidecars if one.name == "reports-files")
    models = next(volume.name for volume in reports.volumes if "models" in volume.name)
    assert list(reports.mounts(sidecar)) == [
        Mount(volume="reports-data", path="/volumes/reports-data", read_only=True),
        Mount(volume=models, path=f"/volumes/{models}", read_only=True),
    ]
    assert sidecar.image.identity == reports.image.identity
    assert sidecar.ready is None
    assert sidecar.alive
    assert sidecar.alive.ask == Http(path="/healthz", port=9748)
    assert configuration(sidecar) == {
        "service": "reports",
        "volumes": {"reports-data": "/volumes/reports-data", models: f"/volumes/{models}"},
        "days": 30,
        "requests": None,
        "offsite": {
            "repository": "s3:https://s3.example.com:8443/acme/prod/files/reports",
            "region": None,
            "access_key_file": "/run/secrets/backup-access-key",
            "secret_key_file": "/run/secrets/backup-secret-key",
            "passphrase_file": "/run/secrets/backup-passphrase",
            "ca_file": None,
            "schedule": "*/10 * * * *",
        },
    }


def test_the_step_writes_all_volumes_before_the_models_are_filled(rendered: Rendered) -> None:
    reports = part(rendered)
    step, fill = reports.init
    assert (step.name, fill.name) == ("reports-files-restore", "reports-models-fill")
    models = next(volume.name for volume in reports.volumes if "models" in volume.name)
    assert list(reports.mounts(step)) == [
        Mount(volume="reports-data", path="/srv/reports"),
        Mount(volume=models, path="/models"),
    ]
    assert configuration(step)["requests"] == "http://ai-platform-backup:9747/requests/reports"


def test_on_an_engine_the_service_itself_does_not_reach_the_bucket(rendered: Rendered) -> None:
    networks = {
        container: {attachment.network for attachment in attachments}
        for container, attachments in plan(rendered.workloads).attachments.items()
    }
    assert OUTSIDE in networks["reports-files"]
    assert {OUTSIDE, "backup"} <= networks["reports-files-restore"]
    assert not {OUTSIDE, "backup"} & networks["reports"]


def test_on_a_cluster_the_pod_reaches_the_bucket_and_the_backup_part() -> None:
    rendered = render(stack(**KUBERNETES), secret=("data",))
    bucket = offsite.reach(Offsite.model_validate(BUCKET))
    assert {bucket, BACKUP_PART} <= set(part(rendered).edges())
    policies = objects(rendered, "NetworkPolicy")
    (policy,) = (p for name, p in policies.items() if name.endswith("reports"))
    blocks = [to for rule in policy["spec"]["egress"] for to in rule["to"] if "ipBlock" in to]
    assert {"ipBlock": {"cidr": "198.51.100.0/24"}} in blocks
    (server,) = (p for name, p in policies.items() if name.endswith("backup"))
    clients = [
        (client["podSelector"]["matchLabels"]["app.kubernetes.io/name"], port["port"])
        for rule in server["spec"]["ingress"]
        for client in rule["from"]
        for port in rule["ports"]
    ]
    assert ("reports", BACKUP_PART.port) in clients


def test_an_operators_server_has_no_part_that_passes_requests_on() -> None:
    values = stack(**KUBERNETES)
    values["data"] |= {"mode": "cloudnative-pg"}
    reports = part(render(values, secret=("data",)))
    assert configuration(reports.init[0])["requests"] is None
    assert "reports-files" in {sidecar.name for sidecar in reports.sidecars}
    assert not [
        reach for reach in reports.edges() if reach == Address(workload="backup", port=9747)
    ]
