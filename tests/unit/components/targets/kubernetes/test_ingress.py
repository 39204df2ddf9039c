"""How people outside the cluster reach it."""

from typing import Any

import pytest

from components.targets.kubernetes import ingress
from components.workload import Exposure, Identity, Image, Resources, Workload
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
    Exposure(endpoint="web", port=8080),
)


def given(**more: Any) -> dict[str, Any]:
    wanted = {"hosts": HOSTS, "tls": {"secret": "certificate"}} | CONTROLLER | more
    return {**KUBERNETES, "kubernetes": {"ingress": wanted}}


def test_a_host_leads_to_its_service_and_its_certificate_is_a_secret() -> None:
    assert ingress.spec(settings(given(class_name="traefik")), [WEB]) == {
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


def test_the_cluster_s_default_class_is_taken_where_none_is_named() -> None:
    assert "ingressClassName" not in ingress.spec(settings(given()), [WEB])


@pytest.mark.parametrize(
    ("tls", "annotation"),
    [
        ({"issuer": "letsencrypt"}, "cert-manager.io/cluster-issuer"),
        ({"issuer": "letsencrypt", "issuer_kind": "Issuer"}, "cert-manager.io/issuer"),
    ],
)
def test_an_issuer_makes_the_certificate(tls: dict[str, str], annotation: str) -> None:
    found = settings(given(tls=tls))
    issuers = {
        key: value
        for key, value in ingress.annotations(found).items()
        if key.startswith("cert-manager.io/")
    }
    assert issuers == {annotation: "letsencrypt"}
    assert ingress.spec(found, [WEB])["tls"][0]["secretName"] == "ai-platform-tls"


def test_a_certificate_of_a_secret_asks_no_issuer() -> None:
    assert not [key for key in ingress.annotations(settings(given())) if "cert-manager" in key]


def test_a_body_may_be_as_large_as_the_web_tier_takes() -> None:
    found = ingress.annotations(settings({**given(), "web": {"max_body_size": "10m"}}))
    assert found["nginx.ingress.kubernetes.io/proxy-body-size"] == "10m"
    assert found["nginx.org/client-max-body-size"] == "10m"


def test_annotations_of_the_settings_are_passed_through_and_win() -> None:
    wanted = {"example.com/team": "a", "nginx.org/client-max-body-size": "1g"}
    found = ingress.annotations(settings(given(annotations=wanted)))
    assert wanted.items() <= found.items()


def test_up_waits_for_no_load_balancer_s_address() -> None:
    assert ingress.annotations(settings(given()))["pulumi.com/skipAwait"] == "true"


def test_without_a_host_there_is_no_ingress() -> None:
    rendered = render(KUBERNETES)
    assert objects(rendered, "Ingress") == {}
    assert set(rendered.outputs["endpoints"].values()) == {None}


def test_every_host_has_a_rule_an_endpoint_and_the_certificate(own_kubernetes: Rendered) -> None:
    (made,) = objects(own_kubernetes, "Ingress").values()
    hosts = ["acme.example.com", "figures.example.com"]
    assert [rule["host"] for rule in made["spec"]["rules"]] == hosts
    assert made["spec"]["tls"] == [{"hosts": hosts, "secretName": "ai-platform-tls"}]
    endpoints = own_kubernetes.outputs["endpoints"]
    assert {name: url for name, url in endpoints.items() if url} == {
        "web": "https://acme.example.com",
        "grafana": "https://figures.example.com",
    }


def test_an_api_service_may_have_a_host_of_its_own() -> None:
    rendered = render(given(hosts=HOSTS | {"backend": "api.example.com"}))
    (made,) = objects(rendered, "Ingress").values()
    services = {
        rule["host"]: rule["http"]["paths"][0]["backend"]["service"]
        for rule in made["spec"]["rules"]
    }
    assert services["api.example.com"] == {"name": "ai-platform-backend", "port": {"number": 8000}}


def test_a_path_reaches_its_service_as_it_is(kubernetes: Rendered) -> None:
    (made,) = objects(kubernetes, "Ingress").values()
    assert not [key for key in made["metadata"]["annotations"] if "rewrite" in key]
    for rule in made["spec"]["rules"]:
        assert [path["path"] for path in rule["http"]["paths"]] == ["/"]


def test_two_hosts_may_be_one_name_in_the_certificate() -> None:
    found = ingress.spec(settings(given()), [WEB, WEB])
    assert found["tls"][0]["hosts"] == ["ai.example.com"]
