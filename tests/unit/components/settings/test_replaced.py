"""Keys of earlier versions and of Compose: the error says what to write instead."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.components.settings.refusals import refusal, service
from tests.unit.describing import KUBERNETES

OLD: Mapping[str, tuple[dict[str, Any], str]] = {
    "credentials of a service": (service(credentials=["database"]), "`env` or `files`"),
    "credentials of a reference service": (
        {"api": {"services": {"backend": {"credentials": []}}}},
        "`env` or `files`",
    ),
    "secrets in variables": (service(secrets_as="env"), "`env` for secrets in variables"),
    "the client of a service": (service(client="none"), "no key"),
    "variables as in Compose": (service(environment={"A": "b"}), "`env`, a mapping"),
    "the log level of all services": (
        {"api": {"log_level": "INFO"}},
        "`api.services.backend.env.LOG_LEVEL`",
    ),
    "the pool of the database": (
        {"api": {"database_pool": 5}},
        "`api.services.backend.database.connections`",
    ),
    "the image of the page": ({"web": {"image": "acme/page:1"}}, "`web.frontend.image` for"),
    "the replicas of the page": (
        {"web": {"replicas": 2}},
        "`web.frontend.replicas` for the page, `web.gateway.replicas` for the gateway",
    ),
    "the body size of every request": (
        {"web": {"max_body_size": "10m"}},
        "`max_body_size` of a route",
    ),
    "the hosts of the Ingress": (
        {**KUBERNETES, "kubernetes": {"ingress": {"hosts": {"web": "ai.example.com"}}}},
        "`web.host` instead of `hosts.web`",
    ),
}


@pytest.mark.parametrize("what", OLD)
def test_the_error_for_an_old_key_says_what_replaces_it(what: str) -> None:
    config, words = OLD[what]
    assert f"found    an unknown key\n  allowed  {words}" in refusal(config)
