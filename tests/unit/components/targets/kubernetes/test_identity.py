"""The service account of a pod, and the login that pulls its images."""

import json

from tests.unit.describing import KUBERNETES
from tests.unit.objects import contents, named, objects, templates
from tests.unit.rendering import Rendered, render

LOGIN = {"url": "mirror.example.com:5000/cache", "user": "puller", "password": "a:b"}


def test_every_workload_has_its_own_service_account(kubernetes: Rendered) -> None:
    accounts = {
        account["metadata"]["name"] for account in objects(kubernetes, "ServiceAccount").values()
    }
    for template in templates(kubernetes).values():
        part = template["metadata"]["labels"]["app.kubernetes.io/name"]
        assert template["spec"]["serviceAccountName"] == f"ai-platform-{part}"
    assert {f"ai-platform-{part.name}" for part in kubernetes.own_parts} <= accounts


def test_the_pull_secret_has_dockers_format_for_the_mirrors_host() -> None:
    rendered = render({**KUBERNETES, "registry": LOGIN}, secret=("registry",))
    secret = named(rendered, "Secret", "ai-platform-registry")
    assert secret["type"] == "kubernetes.io/dockerconfigjson"
    assert json.loads(contents(secret)[".dockerconfigjson"]) == {
        "auths": {
            "mirror.example.com:5000": {
                "username": "puller",
                "password": "a:b",
                "auth": "cHVsbGVyOmE6Yg==",
            }
        }
    }
    for template in templates(rendered).values():
        assert template["spec"]["imagePullSecrets"] == [{"name": "ai-platform-registry"}]


def test_a_mirror_without_a_password_needs_no_login() -> None:
    rendered = render({**KUBERNETES, "registry": {"url": "mirror.example.com"}})
    assert "Secret ai-platform-registry" not in objects(rendered)
    for template in templates(rendered).values():
        assert "imagePullSecrets" not in template["spec"]


def test_an_existing_pull_secret_is_used_as_it_is() -> None:
    database = {
        "mode": "cloudnative-pg",
        "backup": False,
        "instances": 3,
        "pooler": {"instances": 2},
    }
    existing = {**KUBERNETES, "data": database, "kubernetes": {"pull_secret": "mirror"}}
    rendered = render(existing)
    assert "Secret ai-platform-registry" not in objects(rendered)
    for template in templates(rendered).values():
        assert template["spec"]["imagePullSecrets"] == [{"name": "mirror"}]
    (cluster,) = objects(rendered, "Cluster").values()
    assert cluster["spec"]["imagePullSecrets"] == [{"name": "mirror"}]
