"""What follows from the parts of the tiers: names of secrets, and endpoints."""

import re
from typing import Any

import pulumi
import pytest

from components.addresses import Address
from components.api import ApiTier
from components.cache.tier import CacheTier
from components.container import Identity, Image, Resources
from components.data.tier import DataTier
from components.observability.tier import ObservabilityTier
from components.settings import PLATFORM_ENDPOINTS, Settings
from components.tier import Tier
from components.workload import Exposure, Workload
from tests.unit.describing import ROOT, catalogue, settings
from tests.unit.rendering import Rendered, render

GATEWAY = Address(workload="gateway", port=8080)
ADDRESSES: dict[str, Any] = {"cidrs": ["192.0.2.0/24"]}
SERVER = {"host": "server.example.com", "user": "app", **ADDRESSES}
DATABASE: dict[str, Any] = {
    "data": {"mode": "external", "external": SERVER | {"sslmode": "require"}}
}
MAIL = {
    "to": "a@example.com",
    "sender": "b@example.com",
    "smarthost": "mail.example.com:25",
    **ADDRESSES,
}


def on_cluster(*existing: str, **more: Any) -> dict[str, Any]:
    secrets = {name: {"name": "vault", "key": "k"} for name in existing}
    return {
        "target": "kubernetes",
        "images": {"repository": "registry.example.com/acme"},
        "kubernetes": {"secrets": secrets},
    } | more


def refusal(*existing: str, **more: Any) -> str:
    with pytest.raises(pulumi.RunError) as error:
        render(on_cluster(*existing, **more))
    return str(error.value)


def test_an_existing_secret_must_have_a_name_that_the_stack_uses() -> None:
    render(on_cluster("api-token", "database-url", "redis-monitor-password"))
    text = refusal("api-tokn")
    assert "kubernetes.secrets.api-tokn\n  found    a secret that this stack does not" in text
    assert text.endswith("nearest  api-token")
    assert "nothing was changed" in text


@pytest.mark.parametrize(
    ("existing", "more"),
    [
        (("database-password",), {}),
        (("database-password", "postgres-password"), DATABASE),
        (("alert-webhook-url",), {}),
        (("alert-mail-password",), {"observability": {"receiver": {"mail": MAIL}}}),
    ],
)
def test_the_secret_of_a_part_that_does_not_run_is_rejected(
    existing: tuple[str, ...], more: dict[str, Any]
) -> None:
    assert f"kubernetes.secrets.{existing[-1]}\n" in refusal(*existing, **more)


EXTERNAL: dict[str, Any] = {
    **DATABASE,
    "cache": {"mode": "external", "external": SERVER},
    "observability": {"receiver": {"webhook": ADDRESSES}, "grafana": False},
}
WITH_MAIL: dict[str, Any] = {
    "observability": {"receiver": {"mail": MAIL | {"user": "u"}}},
}
WITH_READER: dict[str, Any] = {
    "api": {"services": {"charts": {"image": "a/charts:1", "database": {"shared": "read-only"}}}},
}
WITH_OWN: dict[str, Any] = {
    "api": {"services": {"reports": {"image": "a/reports:1", "database": {}}}},
}
WITH_OFFSITE: dict[str, Any] = {
    "data": {
        "backup": {
            "offsite": {
                "endpoint": "https://s3.example.com",
                "bucket": "acme",
                "cidrs": ["198.51.100.0/24"],
            }
        }
    },
}
REQUIRED = {
    "builtin": (),
    "reader": (),
    "own": (),
    "offsite": ("backup-access-key", "backup-secret-key", "backup-passphrase"),
    "external": ("database-password", "cache-password", "alert-webhook-url"),
    "mail": ("alert-mail-password",),
}


def names(stack: Settings) -> frozenset[str]:
    data, cache = DataTier(stack, catalogue()), CacheTier(stack, catalogue())
    api = ApiTier(stack, catalogue(), data.connections, cache.connection)
    observability = ObservabilityTier(stack, catalogue(), (), GATEWAY, "dev")
    return frozenset(
        name for tier in (data, cache, api, observability) for name in tier.secret_names
    )


@pytest.mark.parametrize(
    ("mode", "more"),
    [
        ("builtin", {}),
        ("external", EXTERNAL),
        ("mail", WITH_MAIL),
        ("reader", WITH_READER),
        ("own", WITH_OWN),
        ("offsite", WITH_OFFSITE),
    ],
)
def test_a_stack_generates_no_secret_if_the_cluster_has_them_all(
    mode: str, more: dict[str, Any]
) -> None:
    secret_names = names(settings(on_cluster(*REQUIRED[mode], **more)))
    rendered = render(on_cluster(*secret_names, **more))
    assert rendered.of_type("RandomPassword") == {}
    assert rendered.of_type("Secret") == {}


def test_the_documents_name_every_secret_that_a_stack_may_have() -> None:
    table = (ROOT / "docs" / "modes.md").read_text().partition("| name | used for |")[2]
    rows = [line.split("|")[1] for line in table.partition("\n\n")[0].splitlines()[2:]]
    documented = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    modes = {
        "builtin": {},
        "external": EXTERNAL,
        "mail": WITH_MAIL,
        "reader": WITH_READER,
        "offsite": WITH_OFFSITE,
    }
    assert documented == {
        name
        for mode, more in modes.items()
        for name in names(settings(on_cluster(*REQUIRED[mode], **more)))
    }


def test_the_settings_know_the_endpoints_of_every_stack(dev: Rendered, least: Rendered) -> None:
    for rendered in (dev, least):
        services = {"backend", "decision"}
        assert set(rendered.outputs["endpoints"]) - services == set(PLATFORM_ENDPOINTS)


def test_an_exposure_is_an_endpoint_of_its_tier() -> None:
    class Some(Tier):
        name = "some"

    exposed = Workload(
        name="page",
        tier="some",
        image=Image(reference="acme/page:1", identity=Identity(uid=1, gid=1)),
        resources=Resources(memory=64, cpu=0.1),
        exposure=Exposure(endpoint="page", port=80),
    )
    assert Some([exposed], endpoints=("other",)).endpoints == ("other", "page")
