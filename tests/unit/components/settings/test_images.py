"""Which images run, and which registry they come from."""

from typing import Any

from tests.unit.components.settings.refusals import paths, refusal


def test_a_registry_has_both_a_user_and_a_password_or_neither() -> None:
    url = {"url": "mirror.example.com"}
    assert paths({"registry": url}) == []
    assert paths({"registry": url | {"user": "u", "password": "p"}}, ("registry",)) == []
    assert paths({"registry": url | {"user": "u"}}) == ["registry"]
    assert paths({"registry": url | {"password": "p"}}, ("registry",)) == ["registry"]


def test_a_cluster_needs_a_repository_for_images_built_from_source() -> None:
    assert paths({"target": "kubernetes"}) == ["images.repository"]
    assert "for each of web.frontend, api.services.backend, api.services.decision" in refusal(
        {"target": "kubernetes"}
    )
    assert paths({"target": "kubernetes", "registry": {"url": "mirror.example.com"}}) == []


def test_a_stack_without_built_images_needs_no_repository() -> None:
    own: dict[str, Any] = {
        "target": "kubernetes",
        "data": {"backup": False},
        "web": {"frontend": {"image": "acme/page:1"}},
        "api": {
            "services": {
                "backend": {"image": "acme/backend:1"},
                "decision": {"image": "acme/decision:1"},
            }
        },
    }
    assert paths(own) == []
    own["api"]["services"]["decision"] = {}
    assert paths(own) == ["images.repository"]


def test_a_cluster_pulls_the_image_of_the_backup_part_from_a_repository_too() -> None:
    services = {name: {"image": f"acme/{name}:1"} for name in ("backend", "decision")}
    own: dict[str, Any] = {
        "target": "kubernetes",
        "web": {"frontend": {"image": "acme/page:1"}},
        "api": {"services": services},
    }
    assert refusal(own).endswith(
        "or images.references.backup or data.backup: false",
    )
    assert paths(own | {"images": {"references": {"backup": "acme/backup:1"}}}) == []
