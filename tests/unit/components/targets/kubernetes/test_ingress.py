"""How people outside the cluster reach the stack."""

from dataclasses import replace
from typing import Any

import pytest

from components.container import Identity, Image, Resources
from components.settings import Ingress
from components.targets.kubernetes import ingress
from components.workload import Exposure, Workload
from tests.unit.describing import INGRESS, KUBERNETES, hosted, settings
from tests.unit.objects import objects
from tests.unit.rendering import Rendered, render

WEB = (
    Workload(
        name="gateway",
        tier="web",
        image=Image(reference="acme/page:1", identity=Identity(uid=1, gid=1)),
        resources=Resources(memory=64, cpu=0.1),
    ),
    Exposure(endpoint="web", port=8080, public=True, hosts=("ai.example.com",), max_body_size="1m"),
)


def ingress_settings(**fields: Any) -> Ingress:
    stack = {**KUBERNETES, "kubernetes": {"ingress": {**INGRESS, **fields}}}
    return settings(stack).kubernetes.ingress


def registered(**web: Any) -> dict[str, Any]:
    """The Ingress of a stack with these settings of its web tier."""
    (resource,) = objects(render(hosted(**web)), "Ingress").values()
    return resource


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
                                    "name": "ai-platform-gateway",
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


def test_a_controller_leaves_the_size_of_bodies_to_the_gateway() -> None:
    """The vendor's writes each body to a file first, so it has the largest limit."""
    routes = {
        "/api/": {"to": "backend", "max_body_size": "900k"},
        "/a/": {"to": "backend", "max_body_size": "10m"},
    }
    annotations = registered(host="ai.example.com", routes=routes)["metadata"]["annotations"]
    assert annotations["nginx.ingress.kubernetes.io/proxy-body-size"] == "0"
    assert annotations["nginx.ingress.kubernetes.io/proxy-request-buffering"] == "off"
    assert annotations["nginx.org/client-max-body-size"] == "10m"
    assert not [key for key in annotations if "timeout" in key or "proxy-buffering" in key]


def test_an_nginx_controller_waits_as_long_as_the_gateway() -> None:
    workload, exposure = WEB
    annotations = ingress.annotations(
        [(workload, replace(exposure, timeout=300))], ingress_settings()
    )
    timeouts = {key: value for key, value in annotations.items() if "timeout" in key}
    assert timeouts == {
        "nginx.ingress.kubernetes.io/proxy-read-timeout": "300",
        "nginx.ingress.kubernetes.io/proxy-send-timeout": "300",
        "nginx.org/proxy-read-timeout": "300s",
        "nginx.org/proxy-send-timeout": "300s",
    }


def test_an_nginx_controller_collects_nothing_if_a_route_streams() -> None:
    workload, exposure = WEB
    annotations = ingress.annotations(
        [(workload, replace(exposure, streams=True))], ingress_settings()
    )
    assert annotations["nginx.ingress.kubernetes.io/proxy-buffering"] == "off"
    assert annotations["nginx.org/proxy-buffering"] == "false"
    assert annotations["nginx.org/websocket-services"] == "ai-platform-gateway"


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
    hosts = ["acme.example.com", "figures.example.com", "reports.example.com"]
    rules = resource["spec"]["rules"]
    assert [rule["host"] for rule in rules] == hosts
    services = {rule["http"]["paths"][0]["backend"]["service"]["name"] for rule in rules}
    assert services == {"ai-platform-gateway"}
    assert resource["spec"]["tls"] == [{"hosts": hosts, "secretName": "ai-platform-tls"}]
    endpoints = own_kubernetes.outputs["endpoints"]
    assert {name: url for name, url in endpoints.items() if url} == {
        "web": "https://acme.example.com",
        "backend": "https://acme.example.com/api",
        "reports": "https://reports.example.com",
        "grafana": "https://figures.example.com",
    }


def test_a_route_with_a_host_alone_has_an_ingress_too() -> None:
    resource = registered(routes={"api.example.com": "backend"})
    assert [rule["host"] for rule in resource["spec"]["rules"]] == ["api.example.com"]


def test_the_ingress_belongs_to_the_tier_of_the_gateway() -> None:
    labels = registered(host="ai.example.com")["metadata"]["labels"]
    assert labels["app.kubernetes.io/component"] == "web"


def test_no_path_is_rewritten(kubernetes: Rendered) -> None:
    (resource,) = objects(kubernetes, "Ingress").values()
    assert not [key for key in resource["metadata"]["annotations"] if "rewrite" in key]
    for rule in resource["spec"]["rules"]:
        assert [path["path"] for path in rule["http"]["paths"]] == ["/"]
