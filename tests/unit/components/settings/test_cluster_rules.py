"""Each rule of a Kubernetes stack at its edge, and that none binds a Docker stack."""

from typing import Any

import pytest

from components.settings import SettingsError
from tests.unit.describing import KUBERNETES, settings

INGRESS: dict[str, Any] = {
    "hosts": {"web": "ai.example.com"},
    "tls": {"secret": "certificate"},
    "controller_namespace": "traefik",
}


def problems(given: dict[str, Any], secret: tuple[str, ...] = ()) -> list[str]:
    """The paths of what is wrong; none where the settings hold."""
    try:
        settings(given, secret=secret)
    except SettingsError as error:
        return [problem.path for problem in error.problems]
    return []


def kubernetes(**given: Any) -> list[str]:
    return problems({**KUBERNETES, "kubernetes": given})


def ingress(**given: Any) -> list[str]:
    return kubernetes(ingress=INGRESS | given)


def refusal(given: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(given)
    return str(caught.value)


def test_what_is_enough_is_enough() -> None:
    assert problems(dict(KUBERNETES)) == []
    assert ingress() == []


def test_none_of_them_binds_a_docker_stack() -> None:
    wrong = INGRESS | {"tls": None, "controller_namespace": None}
    assert problems({"target": "docker", "kubernetes": {"ingress": wrong}}) == []


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_what_has_no_login_gets_no_host(name: str) -> None:
    path = f"kubernetes.ingress.hosts.{name}"
    assert ingress(hosts={name: "x.example.com"}) == [path]
    wanted = INGRESS | {"hosts": {name: "x.example.com"}}
    said = refusal({**KUBERNETES, "kubernetes": {"ingress": wanted}})
    assert f"{path}\n  found    an endpoint without a login" in said
    assert f"reach {name} with kubectl port-forward" in said


@pytest.mark.parametrize("name", ["web", "backend", "decision", "grafana"])
def test_every_other_endpoint_may_have_one(name: str) -> None:
    assert ingress(hosts={name: "x.example.com"}) == []


def test_a_host_is_for_an_endpoint_that_the_stack_has() -> None:
    assert ingress(hosts={"grafna": "x.example.com"}) == ["kubernetes.ingress.hosts.grafna"]
    wanted = INGRESS | {"hosts": {"grafna": "x.example.com"}}
    assert "nearest  grafana" in refusal({**KUBERNETES, "kubernetes": {"ingress": wanted}})


def test_grafana_has_no_host_where_it_does_not_run() -> None:
    wanted = {"ingress": INGRESS | {"hosts": {"grafana": "x.example.com"}}}
    without = {**KUBERNETES, "observability": {"grafana": False}, "kubernetes": wanted}
    assert problems(without) == ["kubernetes.ingress.hosts.grafana"]


def test_hosts_need_a_certificate_and_a_controller_that_is_let_in() -> None:
    assert ingress(tls=None) == ["kubernetes.ingress.tls"]
    assert ingress(controller_namespace=None) == ["kubernetes.ingress.controller_namespace"]
    assert ingress(hosts={}, tls=None, controller_namespace=None) == []


def test_a_certificate_comes_from_a_secret_or_from_an_issuer() -> None:
    assert ingress(tls={"issuer": "letsencrypt"}) == []
    assert ingress(tls={}) == ["kubernetes.ingress.tls"]
    assert ingress(tls={"secret": "a", "issuer": "b"}) == ["kubernetes.ingress.tls"]


@pytest.mark.parametrize(
    ("toleration", "wrong"),
    [
        ({"key": "apps", "value": "only"}, None),
        ({"key": "apps"}, None),
        ({"key": "apps", "operator": "Exists"}, None),
        ({"operator": "Exists"}, None),
        ({"key": "apps", "operator": "Exists", "value": "only"}, "value"),
        ({"value": "only"}, "operator"),
        ({}, "operator"),
    ],
)
def test_a_toleration_is_one_that_the_api_takes(
    toleration: dict[str, str], wrong: str | None
) -> None:
    found = kubernetes(tolerations=[{"operator": "Exists"}, toleration])
    assert found == ([f"kubernetes.tolerations.1.{wrong}"] if wrong else [])


def test_what_is_built_from_source_must_be_pulled_from_somewhere() -> None:
    assert problems({"target": "kubernetes"}) == ["images.repository"]
    assert "for each of web, api.services.backend, api.services.decision" in refusal(
        {"target": "kubernetes"}
    )
    assert problems({"target": "kubernetes", "registry": {"url": "mirror.example.com"}}) == []


def test_images_of_ones_own_need_no_repository() -> None:
    own: dict[str, Any] = {
        "target": "kubernetes",
        "web": {"image": "acme/page:1"},
        "api": {
            "services": {
                "backend": {"image": "acme/backend:1"},
                "decision": {"image": "acme/decision:1"},
            }
        },
    }
    assert problems(own) == []
    own["api"]["services"]["decision"] = {}
    assert problems(own) == ["images.repository"]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"namespace": "Acme"}, "kubernetes.namespace"),
        ({"namespace": "-acme"}, "kubernetes.namespace"),
        ({"storage_class": "fast disk"}, "kubernetes.storage_class"),
        ({"pull_budget": 0}, "kubernetes.pull_budget"),
        ({"dns": {"labels": {"k8s-app": "-"}}}, "kubernetes.dns.labels.k8s-app"),
        ({"dns": {"cidrs": ["169.254.20.10/33"]}}, "kubernetes.dns.cidrs.0"),
        ({"tolerations": [{"key": "a", "effect": "NoRun"}]}, "kubernetes.tolerations.0.effect"),
        ({"tolerations": [{"key": "a b"}]}, "kubernetes.tolerations.0.key"),
        ({"tolerations": [{"key": "a", "value": "-"}]}, "kubernetes.tolerations.0.value"),
        ({"node_selector": {"a b": "c"}}, "kubernetes.node_selector.a b"),
        ({"node_selector": {"a": "b c"}}, "kubernetes.node_selector.a"),
        ({"node_selector": {"/a": "b"}}, "kubernetes.node_selector./a"),
        ({"ingress": {"annotations": {"a/b/c": "d"}}}, "kubernetes.ingress.annotations.a/b/c"),
        ({"dns": {"labels": {"-": "a"}}}, "kubernetes.dns.labels.-"),
        ({"dns": {"namespace": "a.b"}}, "kubernetes.dns.namespace"),
        ({"ingress": {"hosts": {"web": "10.0.0.1"}}}, "kubernetes.ingress.hosts.web"),
        ({"api_server": {"ports": []}}, "kubernetes.api_server.ports"),
        (
            {"secrets": {"api-token": {"name": "a..b", "key": "k"}}},
            "kubernetes.secrets.api-token.name",
        ),
        (
            {"secrets": {"api-token": {"name": "a", "key": ".."}}},
            "kubernetes.secrets.api-token.key",
        ),
    ],
)
def test_what_the_api_would_refuse_is_refused_before(given: dict[str, Any], path: str) -> None:
    assert kubernetes(**given) == [path]


def test_a_wrong_key_is_named_with_what_one_may_be_and_hides_no_other_problem() -> None:
    said = refusal({**KUBERNETES, "images": {}, "kubernetes": {"node_selector": {"a b": "c"}}})
    assert said.startswith("2 wrong settings")
    assert "kubernetes.node_selector.a b\n  found    'a b'\n  allowed  a key such as" in said
    assert "images.repository" in said


def test_no_address_range_would_mean_every_one() -> None:
    """An empty list lets a policy allow all destinations."""
    service = {"image": "acme/app:1", "outside": [{"name": "x", "ports": [443], "cidrs": []}]}
    assert kubernetes(api_server={"cidrs": []}) == ["kubernetes.api_server.cidrs"]
    assert problems({**KUBERNETES, "api": {"services": {"reports": service}}}) == [
        "api.services.reports.outside.0.cidrs"
    ]


@pytest.mark.parametrize(
    ("host", "right"),
    [
        ("ai.example.com", True),
        ("ai", True),
        ("https://ai.example.com", False),
        ("ai.example.com/", False),
        ("AI.example.com", False),
        ("ai.example.com:443", False),
        ("", False),
    ],
)
def test_a_host_is_a_name_and_no_url(host: str, right: bool) -> None:
    wrong = [] if right else ["kubernetes.ingress.hosts.web"]
    assert ingress(hosts={"web": host}) == wrong


@pytest.mark.parametrize("name", ["default", "kube-system", "acme.prod", "a" * 64])
def test_the_namespace_is_the_stack_s_own(name: str) -> None:
    """`up` denies all traffic in it, and `PURGE=1` removes it."""
    assert kubernetes(namespace=name) == ["kubernetes.namespace"]
    assert kubernetes(namespace="acme-prod") == []


def test_two_endpoints_do_not_share_a_host() -> None:
    host = "x.example.com"
    assert ingress(hosts={"web": host, "grafana": host}) == ["kubernetes.ingress.hosts"]
