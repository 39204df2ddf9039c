"""Wrong values and unknown keys, and the error for each."""

from typing import Any

import pytest

from components.settings import Cache
from tests.unit.components.settings.refusals import refusal, service

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a target that does not exist": ({"target": "dokcer"}, "target\n  found    'dokcer'"),
    "a misspelled key": ({"obsrvability": {}}, "nearest  observability"),
    "a misspelled key below": ({"cache": {"maxmemry": "1Mi"}}, "nearest  maxmemory"),
    "a misspelled key of a service": (service(imge="x:1"), "api.services.reports.imge"),
    "text for a number": (
        {"web": {"frontend": {"port": "http"}}},
        "web.frontend.port\n  found    'http'",
    ),
    "a number for text": ({"data": {"memory": 512}}, "data.memory\n  found    512"),
    "a unit that is not ours": ({"data": {"memory": "1GB"}}, "data.memory\n  found    '1GB'"),
    "a port above the last": ({"docker": {"ports": {"web": 65536}}}, "docker.ports.web"),
    "a port below the first": (service(port=0), "api.services.reports.port\n  found    0"),
    "no CPU at all": ({"cache": {"cpu": 0}}, "cache.cpu\n  found    0"),
    "the tag latest": (
        {"web": {"frontend": {"image": "acme/page:latest"}}},
        "a fixed tag or digest",
    ),
    "no tag": (service(image="acme/reports"), "api.services.reports.image"),
    "no tag behind a port": (service(image="host.example.com:5000/reports"), "reports.image"),
    "a catalogue's image without a tag": (
        {"images": {"references": {"redis": "redis"}}},
        "images.references.redis",
    ),
    "an image that the catalogue has not": (
        {"images": {"references": {"mysql": "mysql:8"}}},
        "images.references.mysql",
    ),
    "root": (service(user="0:0"), "UID 0 (root) is rejected"),
    "a user by name": (service(user="app:app"), "api.services.reports.user\n  found    'app:app'"),
    "a path that is relative": (service(health="health"), "api.services.reports.health"),
    "a reference that is misspelled": (
        service(env={"TOKEN": "Bearer ${api-tokn}"}),
        "api.services.reports.env.TOKEN\n  found    ${api-tokn}\n  allowed  ",
    ),
    "memory beyond every machine": (
        {"cache": {"memory": "99999999999999999999Gi"}},
        "cache.memory\n  found    '99999999999999999999Gi'\n  allowed  a size such as",
    ),
    "a yes for a port": ({"docker": {"ports": {"web": True}}}, "docker.ports.web\n  found    True"),
    "a yes for a count": (
        {"web": {"gateway": {"replicas": True}}},
        "web.gateway.replicas\n  found    True",
    ),
    "a mirror with a slash at its end": (
        {"registry": {"url": "registry.example.com/mirror/"}},
        "registry.url\n  found    'registry.example.com/mirror/'",
    ),
    "an image of no repository": (service(image="acme//reports:1"), "reports.image"),
    "an image at no port": (service(image="host.example.com:123456/reports:1"), "reports.image"),
    "an address that leads nowhere": (
        {"cache": {"mode": "external", "external": {"host": "999.1.1.1", "user": "u"}}},
        "cache.external.host\n  found    '999.1.1.1'",
    ),
    "a port in text": (service(port="8080"), "api.services.reports.port\n  found    '8080'"),
    "a password in a plain variable": (
        service(env={"DATABASE_URL": "postgres://a:hunter2@h/db"}),
        "found    a value that is not shown\n  allowed  no `user:password@` in a URL",
    ),
    "an engine at no port": (
        {"docker": {"host": "tcp://192.0.2.1:99999"}},
        "docker.host\n  found    'tcp://192.0.2.1:99999'",
    ),
    "an image with a line after it": (service(image="acme/reports:1\n"), "reports.image"),
    "a directory without a Dockerfile": (
        {"api": {"services": {"decision": {"build": "../elsewhere"}}}},
        "api.services.decision.build\n  found    '../elsewhere'",
    ),
    "a misspelled key of a service that is called as a setting is": (
        {"api": {"services": {"replicas": {"image": "acme/reports:1", "imge": "x"}}}},
        "nearest  image",
    ),
    "a value that is no mapping": (
        {"api": "backend"},
        "api\n  found    'backend'\n  allowed  a mapping",
    ),
    "a retention without a unit": ({"observability": {"retention": "200"}}, "retention"),
    "a base URL without its slash": (
        {"observability": {"runbook_base_url": "https://example.com"}},
        "observability.runbook_base_url",
    ),
    "an external server without its host": (
        {"data": {"mode": "external", "external": {"user": "u", "password": "p"}}},
        "data.external.host\n  allowed  a value: it is required",
    ),
    "text where a list stands": (
        service(command="uvicorn app:app"),
        "found    'uvicorn app:app'\n  allowed  a list, such as `[one, two]`",
    ),
    "a value of neither of two types": (
        service(gpus="al"),
        "api.services.reports.gpus\n  found    'al'\n  allowed  'all', or a list, such as",
    ),
    "a schedule by name": (
        service(jobs={"nightly": {"schedule": "@daily", "command": ["x"]}}),
        "found    '@daily'\n  allowed  five cron fields",
    ),
    "a word for yes or no": ({"production": "maybe"}, "found    'maybe'\n  allowed  true or false"),
    "a mapping where a list stands": (service(calls={"backend": True}), "found    a mapping"),
    "a list where a mapping stands": ({"cache": ["redis"]}, "cache\n  found    a list"),
    "an address that is none": ({"docker": {"bind": "999.0.0.1"}}, "docker.bind"),
}


@pytest.mark.parametrize("what", WRONG)
def test_the_error_for_a_wrong_setting_names_it(what: str) -> None:
    config, words = WRONG[what]
    assert words in refusal(config)


def test_a_stack_needs_a_target() -> None:
    assert "target\n  found    null" in refusal({"target": None})


def test_the_complete_text_of_an_error() -> None:
    assert refusal({"cache": {"maxmemry": "1Mi", "memory": "512"}, "target": "dockr"}) == (
        "3 wrong settings; nothing was changed. docs/configuration.md has every key.\n"
        "\n"
        "target\n"
        "  found    'dockr'\n"
        "  allowed  'docker' or 'kubernetes'\n"
        "  nearest  docker\n"
        "cache.memory\n"
        "  found    '512'\n"
        "  allowed  a size such as `512Mi` or `1.5Gi`\n"
        "cache.maxmemry\n"
        "  found    an unknown key\n"
        f"  allowed  {', '.join(sorted(Cache.model_fields))}\n"
        "  nearest  maxmemory"
    )


def test_a_key_that_resembles_no_other_has_no_nearest_name() -> None:
    message = refusal({"zzzz": 1})
    assert "zzzz\n  found    an unknown key" in message
    assert "nearest" not in message
