"""What follows from a stack's settings as a whole."""

from components.settings import Settings, __all__, models_below
from tests.unit.describing import KUBERNETES, settings


def test_an_endpoint_with_a_host_on_a_cluster_has_a_url() -> None:
    ingress = {
        "hosts": {"grafana": "figures.example.com"},
        "tls": {"secret": "certificate"},
        "controller_namespace": "traefik",
    }
    hosted = {"kubernetes": {"ingress": ingress}}
    on_cluster, on_docker = settings({**KUBERNETES, **hosted}), settings(hosted)
    assert on_cluster.url("grafana") == "https://figures.example.com"
    assert on_cluster.url("web") is None
    assert on_docker.url("grafana") is None


def test_an_ingress_with_the_web_tiers_host_terminates_its_tls() -> None:
    ingress = {
        "hosts": {"web": "ai.example.com"},
        "tls": {"secret": "certificate"},
        "controller_namespace": "traefik",
    }
    assert settings({**KUBERNETES, "kubernetes": {"ingress": ingress}}).tls_ends_before_web
    assert not settings(KUBERNETES).tls_ends_before_web
    assert not settings().tls_ends_before_web


def test_the_package_exports_every_model() -> None:
    assert {model.__name__ for model in models_below(Settings)} <= set(__all__)
