"""Rules about secrets: given once, by whom it may be, and known to whoever needs it."""

from typing import Any

import pytest

from components.settings import Settings, SettingsError, secret_rules
from tests.unit.describing import settings
from tests.unit.rendering import render

SERVER = {"host": "server.example.com", "user": "app"}
REPOSITORY = {"repository": "registry.example.com/acme"}
DATABASE = {"mode": "external", "external": SERVER}
MAIL = {"to": "a@example.com", "sender": "b@example.com", "smarthost": "mail.example.com:25"}


def on_cluster(*existing: str, **more: Any) -> dict[str, Any]:
    secrets = {name: {"name": "vault", "key": "k"} for name in existing}
    return {
        "target": "kubernetes",
        "images": REPOSITORY,
        "kubernetes": {"secrets": secrets},
    } | more


def refused(given: dict[str, Any], secret: tuple[str, ...] = ()) -> list[str]:
    try:
        settings(given, secret=secret)
    except SettingsError as error:
        return [str(problem) for problem in error.problems]
    return []


def paths(given: dict[str, Any], secret: tuple[str, ...] = ()) -> list[str]:
    return [problem.splitlines()[0] for problem in refused(given, secret)]


def test_an_existing_secret_is_for_a_name_that_the_stack_has() -> None:
    assert refused(on_cluster("api-token", "database-url", "redis-monitor-password")) == []
    (problem,) = refused(on_cluster("api-tokn"))
    assert problem.startswith("kubernetes.secrets.api-tokn\n  found    a secret that the stack")
    assert problem.endswith("nearest  api-token")


def test_the_password_of_a_server_that_the_stack_has_not_is_unknown() -> None:
    assert paths(on_cluster("database-password")) == ["kubernetes.secrets.database-password"]
    assert paths(on_cluster("database-password", data=DATABASE)) == []
    assert paths(on_cluster("database-password", "postgres-password", data=DATABASE)) == [
        "kubernetes.secrets.postgres-password"
    ]


def test_docker_has_no_existing_secrets() -> None:
    given = on_cluster("api-token") | {"target": "docker"}
    assert paths(given) == ["kubernetes.secrets"]


@pytest.mark.parametrize("tier", ["data", "cache"])
def test_an_external_servers_password_is_in_the_settings_or_in_the_cluster(tier: str) -> None:
    name = "database-password" if tier == "data" else "cache-password"
    without: dict[str, Any] = {tier: {"mode": "external", "external": SERVER}}
    with_one: dict[str, Any] = {tier: {"mode": "external", "external": SERVER | {"password": "p"}}}
    assert paths(without) == [f"{tier}.external.password"]
    assert paths(on_cluster(**without)) == [f"{tier}.external.password"]
    assert paths(on_cluster(name, **without)) == []
    assert paths(on_cluster(**with_one), (tier,)) == []
    assert paths(on_cluster(name, **with_one), (tier,)) == [f"{tier}.external.password"]


def test_a_whole_url_in_the_cluster_needs_no_password_beside_it() -> None:
    assert paths(on_cluster("database-url", data=DATABASE)) == []
    alone = {"services": {"backend": {"credentials": {"PASSWORD_FILE": "database-password"}}}}
    assert paths(on_cluster("database-url", data=DATABASE, api=alone)) == ["data.external.password"]


def test_a_webhooks_url_is_in_the_settings_or_in_the_cluster() -> None:
    without: dict[str, Any] = {"observability": {"receiver": {"webhook": {}}}}
    assert paths(without) == ["observability.receiver.webhook.url"]
    assert paths(on_cluster("alert-webhook-url", **without)) == []
    assert paths(on_cluster("alert-webhook-url")) == ["kubernetes.secrets.alert-webhook-url"]


def test_who_sends_mail_with_a_user_name_has_a_password() -> None:
    def mail(**more: str) -> dict[str, Any]:
        return {"observability": {"receiver": {"mail": MAIL | more}}}

    assert paths(mail()) == []
    assert paths(mail(user="u")) == ["observability.receiver.mail.password"]
    assert paths(mail(user="u", password="p"), ("observability",)) == []
    assert paths(on_cluster("alert-mail-password", **mail(user="u"))) == []
    assert paths(on_cluster("alert-mail-password", **mail())) == [
        "kubernetes.secrets.alert-mail-password"
    ]


def test_a_url_that_is_composed_in_the_pod_can_not_be_a_variable() -> None:
    services = {"backend": {"secrets_as": "env", "credentials": {"DSN": "database-url"}}}
    api = {"services": services}
    assert paths(on_cluster(api=api)) == []
    assert paths(on_cluster("database-url", api=api)) == []
    assert paths(on_cluster("database-url", "postgres-app-password", api=api)) == []
    (problem,) = refused(on_cluster("postgres-app-password", api=api))
    assert problem == (
        "api.services.backend.secrets_as\n"
        "  found    'env'\n"
        "  allowed  'file' for DSN: the database-url is composed in the pod, as "
        "kubernetes.secrets.postgres-app-password is a part of it; or a Secret with the whole: "
        "kubernetes.secrets.database-url"
    )


def test_a_path_gets_its_url_as_a_file_whatever_the_variables_do() -> None:
    services = {"backend": {"secrets_as": "env", "credentials": {"/etc/dsn": "database-url"}}}
    assert paths(on_cluster("postgres-app-password", api={"services": services})) == []


EXTERNAL: dict[str, Any] = {
    "data": {"mode": "external", "external": SERVER},
    "cache": {"mode": "external", "external": SERVER},
    "observability": {"receiver": {"webhook": {}}, "grafana": False},
}


@pytest.mark.parametrize(
    "more",
    [
        {},
        EXTERNAL,
        {"observability": {"receiver": {"mail": MAIL | {"user": "u"}}}},
    ],
    ids=["builtin", "external", "mail"],
)
def test_a_stack_whose_every_known_secret_is_the_clusters_has_none_of_its_own(
    more: dict[str, Any],
) -> None:
    """The names of the rules are those that the tiers use, in every mode."""
    names = secret_rules.names(_settings(more))
    rendered = render(on_cluster(*names, **more))
    assert rendered.of_type("RandomPassword") == {}
    assert rendered.of_type("Secret") == {}


def _settings(more: dict[str, Any]) -> Settings:
    """Settings of this shape, with every secret that they could need."""
    every = ("database-password", "cache-password", "alert-webhook-url", "alert-mail-password")
    wanted = [
        name
        for name, there in zip(
            every,
            (
                "data" in more,
                "cache" in more,
                "webhook" in str(more),
                "mail" in str(more),
            ),
            strict=True,
        )
        if there
    ]
    return settings(on_cluster(*wanted, **more))
