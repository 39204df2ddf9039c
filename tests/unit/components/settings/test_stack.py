"""What follows from a stack's settings as a whole."""

from components.settings import Settings, __all__, models_below
from tests.unit.describing import KUBERNETES, hosted, settings


def test_an_endpoint_with_a_route_on_a_cluster_has_a_url_if_its_host_is_known() -> None:
    routes = {"figures.example.com": "grafana"}
    loaded = settings(hosted(routes=routes))
    assert loaded.url("grafana") == "https://figures.example.com"
    assert (loaded.url("web"), loaded.url("backend"), loaded.url("decision")) == (None, None, None)
    loaded = settings(hosted(host="ai.example.com", routes=routes))
    assert loaded.url("web") == "https://ai.example.com"
    assert loaded.url("backend") == "https://ai.example.com/api"


def test_a_host_of_its_own_comes_before_a_path() -> None:
    routes = {"/a/": "decision", "b.example.com/x/": "decision", "/c/": "decision"}
    loaded = settings(hosted(host="ai.example.com", routes=routes))
    assert loaded.url("decision") == "https://b.example.com/x"


def test_on_docker_an_endpoint_with_a_route_is_at_the_gateways_port() -> None:
    loaded = settings({"web": {"routes": {"figures.localhost": "grafana"}}})
    assert loaded.url("web") == "http://127.0.0.1:8080"
    assert loaded.url("backend") == "http://127.0.0.1:8080/api"
    assert loaded.url("grafana") == "http://figures.localhost:8080"
    assert loaded.url("decision") is None
    assert settings({"web": {"host": "ai.local"}}).url("web") == "http://ai.local:8080"
    assert settings({"docker": {"ports": {"web": None}}}).url("web") is None


def test_only_a_cluster_has_an_ingress_with_hosts() -> None:
    web = {"host": "ai.example.com", "routes": {"b.example.com/x/": "decision", "/c/": "decision"}}
    assert settings(hosted(**web)).hosts == ("ai.example.com", "b.example.com")
    assert settings({"web": web}).hosts == ()
    assert settings(KUBERNETES).hosts == ()


def test_grafana_runs_if_the_settings_ask_for_it_and_the_catalogue_has_it() -> None:
    debian = {"catalogue": "debian"}
    assert settings().has_grafana
    assert not settings({"observability": {"grafana": False}}).has_grafana
    assert not settings({"images": debian}).has_grafana
    assert settings({"images": debian | {"references": {"grafana": "acme/g:1"}}}).has_grafana


def test_the_package_exports_every_model() -> None:
    assert {model.__name__ for model in models_below(Settings)} <= set(__all__)
