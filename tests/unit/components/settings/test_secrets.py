"""Rules about secrets: each is in the settings or in a Secret of the cluster."""

from typing import Any

import pytest
from pydantic import SecretStr

from components.settings import SettingsError, revealed
from tests.unit.describing import settings

ADDRESSES: dict[str, Any] = {"cidrs": ["192.0.2.0/24"]}
SERVER = {"host": "server.example.com", "user": "app", **ADDRESSES}
REPOSITORY = {"repository": "registry.example.com/acme"}
DATABASE = {"mode": "external", "external": SERVER | {"sslmode": "require"}}
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
        "images": REPOSITORY,
        "kubernetes": {"secrets": secrets},
    } | more


def refused(config: dict[str, Any], secret: tuple[str, ...] = ()) -> list[str]:
    try:
        settings(config, secret=secret)
    except SettingsError as error:
        return [str(problem) for problem in error.problems]
    return []


def paths(config: dict[str, Any], secret: tuple[str, ...] = ()) -> list[str]:
    return [problem.splitlines()[0] for problem in refused(config, secret)]


def test_docker_has_no_existing_secrets() -> None:
    config = on_cluster("api-token") | {"target": "docker"}
    assert paths(config) == ["kubernetes.secrets"]


@pytest.mark.parametrize("tier", ["data", "cache"])
def test_an_external_servers_password_is_in_the_settings_or_in_the_cluster(tier: str) -> None:
    name = "database-password" if tier == "data" else "cache-password"
    server = SERVER | ({"sslmode": "require"} if tier == "data" else {})
    without: dict[str, Any] = {tier: {"mode": "external", "external": server}}
    with_one: dict[str, Any] = {tier: {"mode": "external", "external": server | {"password": "p"}}}
    assert paths(without) == [f"{tier}.external.password"]
    assert paths(on_cluster(**without)) == [f"{tier}.external.password"]
    assert paths(on_cluster(name, **without)) == []
    assert paths(on_cluster(**with_one), (tier,)) == []
    assert paths(on_cluster(name, **with_one), (tier,)) == [f"{tier}.external.password"]


def test_a_whole_url_in_the_cluster_needs_no_password_beside_it() -> None:
    assert paths(on_cluster("database-url", data=DATABASE)) == []
    for value in ("${database.password}", "${database.url}?sslmode=disable"):
        more = {"services": {"backend": {"env": {"DATABASE": value}}}}
        assert paths(on_cluster("database-url", data=DATABASE, api=more)) == [
            "data.external.password"
        ]


@pytest.mark.parametrize("name", ["", "critical", "warning", "watchdog"])
def test_a_webhooks_url_is_in_the_settings_or_in_the_cluster(name: str) -> None:
    channels = {"webhook": ADDRESSES}
    without: dict[str, Any] = {
        "observability": {"receiver": {name: channels} if name else channels}
    }
    path = ".".join(filter(None, ("observability.receiver", name, "webhook.url")))
    secret = "-".join(filter(None, ("alert", name, "webhook-url")))
    assert paths(without) == [path]
    assert paths(on_cluster(secret, **without)) == []


def test_a_user_name_for_mail_needs_a_password() -> None:
    def mail(**more: str) -> dict[str, Any]:
        return {"observability": {"receiver": {"mail": MAIL | more}}}

    assert paths(mail()) == []
    assert paths(mail(user="u")) == ["observability.receiver.mail.password"]
    assert paths(mail(user="u", password="p"), ("observability",)) == []
    assert paths(on_cluster("alert-mail-password", **mail(user="u"))) == []


def test_a_secret_of_the_users_own_is_in_the_settings_or_in_the_cluster() -> None:
    reports = {"image": "acme/reports:1", "env": {"KEY": "${secret.model-key}"}}
    stack = {"api": {"services": {"reports": reports}}}
    given = {"secrets": {"model-key": "value"}}
    assert paths(on_cluster(**stack)) == ["api.services.reports.env.KEY"]
    assert paths(on_cluster("secret.model-key", **stack)) == []
    assert paths(on_cluster(**stack, **given), ("secrets",)) == []
    assert paths(on_cluster("secret.model-key", **stack, **given), ("secrets",)) == [
        "secrets.model-key"
    ]


def test_a_secret_of_the_users_own_is_encrypted_or_generated() -> None:
    assert paths({"secrets": {"model-key": "value"}}) == ["secrets.model-key"]
    assert paths({"secrets": {"model-key": None}}) == []
    assert paths({"secrets": {"Model_Key": None}}) == ["secrets.Model_Key"]


def test_a_secret_that_is_set_is_revealed() -> None:
    assert revealed(SecretStr("value")) == "value"
    assert revealed(None) is None


def test_an_empty_secret_is_not_a_wish_for_a_generated_one() -> None:
    assert refused({"secrets": {"model-key": ""}}, secret=("secrets",)) == [
        "secrets.model-key\n  found    an empty value\n"
        "  allowed  a value; `null` lets the platform generate one"
    ]
