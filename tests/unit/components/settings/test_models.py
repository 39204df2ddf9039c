"""What follows from a stack's settings as a whole."""

from components.settings import models
from tests.unit.describing import KUBERNETES, settings


def test_an_endpoint_has_a_url_where_the_stack_gives_it_a_host() -> None:
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


def test_tls_ends_before_the_web_tier_where_an_ingress_has_its_host() -> None:
    ingress = {
        "hosts": {"web": "ai.example.com"},
        "tls": {"secret": "certificate"},
        "controller_namespace": "traefik",
    }
    assert settings({**KUBERNETES, "kubernetes": {"ingress": ingress}}).tls_ends_before_web
    assert not settings(KUBERNETES).tls_ends_before_web
    assert not settings().tls_ends_before_web


def test_every_model_is_found_under_one_name() -> None:
    assert models.__all__ == sorted(models.__all__)
    assert all(hasattr(models, name) for name in models.__all__)
