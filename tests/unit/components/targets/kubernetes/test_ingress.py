"""How people outside the cluster reach the stack."""

from dataclasses import replace
from typing import Any

import pytest

from components.container import Identity, Image, Resources
from components.settings import Ingress
from components.targets.kubernetes import ingress
from components.workload import Exposure, Workload
from tests.unit.describing import KUBERNETES, settings
from tests.unit.objects import objects
from tests.unit.rendering import Rendered, render

HOSTS = {"web": "ai.example.com"}
CONTROLLER = {"controller_namespace": "traefik"}
WEB = (
    Workload(
        name="frontend",
        tier="web",
        image=Image(reference="acme/page:1", identity=Identity(uid=1, gid=1)),
        resources=Resources(memory=64, cpu=0.1),
    ),
    Exposure(endpoint="web", port=8080, public=True, max_body_size="1m"),
)


def stack(**fields: Any) -> dict[str, Any]:
    """A stack with a host, a certificate, and these settings of its Ingress."""
    certificate = {"tls": {"secret": "certificate"}}
    return {
        **KUBERNETES,
        "kubernetes": {"ingress": {"hosts": HOSTS} | certificate | CONTROLLER | fields},
    }


def ingress_settings(**fields: Any) -> Ingress:
    return settings(stack(**fields)).kubernetes.ingress


def test_a_host_leads_to_its_service_and_its_certificate_is_a_secret() -> None:
    assert ingress.spec([WEB], ingress_settings(class_name="traefik")) == {
        "ingressClassName": "traefik",
        "rules": [
            {
                "host": "ai.example.com",
                "http": {
                    "paths": [
                        {
                            "path": "/",
                            "pathType": "Prefix",
                            "backend": {
                                "service": {
                                    "name": "ai-platform-frontend",
                                    "port": {"number": 8080},
                                }
                            },
                        }
                    ]
                },
            }
        ],
        "tls": [{"hosts": ["ai.example.com"], "secretName": "certificate"}],
    }


def test_without_a_class_the_clusters_default_is_used() -> None:
    assert "ingressClassName" not in ingress.spec([WEB], ingress_settings())


@pytest.mark.parametrize(
    ("tls", "annotation"),
    [
        ({"issuer": "letsencrypt"}, "cert-manager.io/cluster-issuer"),
        ({"issuer": "letsencrypt", "issuer_kind": "Issuer"}, "cert-manager.io/issuer"),
    ],
)
def test_an_issuer_creates_the_certificate(tls: dict[str, str], annotation: str) -> None:
    certificate = ingress_settings(tls=tls)
    issuers = {
        key: value
        for key, value in ingress.annotations([WEB], certificate).items()
        if key.startswith("cert-manager.io/")
    }
    assert issuers == {annotation: "letsencrypt"}
    assert ingress.spec([WEB], certificate)["tls"][0]["secretName"] == "ai-platform-tls"


def test_a_certificate_from_a_secret_needs_no_issuer() -> None:
    annotations = ingress.annotations([WEB], ingress_settings())
    assert not [key for key in annotations if "cert-manager" in key]


def test_a_body_may_be_as_large_as_the_web_tier_accepts() -> None:
    rendered = render({**stack(), "web": {"max_body_size": "10m"}})
    (resource,) = objects(rendered, "Ingress").values()
    annotations = resource["metadata"]["annotations"]
    assert annotations["nginx.ingress.kubernetes.io/proxy-body-size"] == "10m"
    assert annotations["nginx.org/client-max-body-size"] == "10m"


def test_without_a_body_limit_there_is_no_annotation_for_it() -> None:
    workload, exposure = WEB
    unlimited = (workload, replace(exposure, max_body_size=None))
    annotations = ingress.annotations([unlimited], ingress_settings())
    assert not [key for key in annotations if "body-size" in key]


def test_annotations_of_the_settings_take_precedence() -> None:
    configured = {"example.com/team": "a", "nginx.org/client-max-body-size": "1g"}
    annotations = ingress.annotations([WEB], ingress_settings(annotations=configured))
    assert configured.items() <= annotations.items()


def test_up_does_not_wait_for_a_load_balancers_address() -> None:
    annotations = ingress.annotations([WEB], ingress_settings())
    assert annotations["pulumi.com/skipAwait"] == "true"


def test_without_a_host_there_is_no_ingress() -> None:
    rendered = render(KUBERNETES)
    assert objects(rendered, "Ingress") == {}
    assert set(rendered.outputs["endpoints"].values()) == {None}


def test_every_host_has_a_rule_an_endpoint_and_the_certificate(own_kubernetes: Rendered) -> None:
    (resource,) = objects(own_kubernetes, "Ingress").values()
    hosts = ["acme.example.com", "figures.example.com"]
    assert [rule["host"] for rule in resource["spec"]["rules"]] == hosts
    assert resource["spec"]["tls"] == [{"hosts": hosts, "secretName": "ai-platform-tls"}]
    endpoints = own_kubernetes.outputs["endpoints"]
    assert {name: url for name, url in endpoints.items() if url} == {
        "web": "https://acme.example.com",
        "grafana": "https://figures.example.com",
    }


def test_an_api_service_may_have_its_own_host() -> None:
    rendered = render(stack(hosts=HOSTS | {"backend": "api.example.com"}))
    (resource,) = objects(rendered, "Ingress").values()
    services = {
        rule["host"]: rule["http"]["paths"][0]["backend"]["service"]
        for rule in resource["spec"]["rules"]
    }
    assert services["api.example.com"] == {"name": "ai-platform-backend", "port": {"number": 8000}}


@pytest.mark.parametrize("hosts", [HOSTS, {"backend": "api.example.com", **HOSTS}])
def test_the_ingress_belongs_to_the_tier_of_the_public_workload(hosts: dict[str, str]) -> None:
    (resource,) = objects(render(stack(hosts=hosts)), "Ingress").values()
    assert resource["metadata"]["labels"]["app.kubernetes.io/component"] == "web"


def test_without_a_public_workload_it_belongs_to_the_tier_of_the_first_host() -> None:
    (resource,) = objects(
        render(stack(hosts={"grafana": "figures.example.com"})), "Ingress"
    ).values()
    assert resource["metadata"]["labels"]["app.kubernetes.io/component"] == "observability"


def test_no_path_is_rewritten(kubernetes: Rendered) -> None:
    (resource,) = objects(kubernetes, "Ingress").values()
    assert not [key for key in resource["metadata"]["annotations"] if "rewrite" in key]
    for rule in resource["spec"]["rules"]:
        assert [path["path"] for path in rule["http"]["paths"]] == ["/"]


def test_the_certificate_lists_each_host_name_once() -> None:
    spec = ingress.spec([WEB, WEB], ingress_settings())
    assert spec["tls"][0]["hosts"] == ["ai.example.com"]
