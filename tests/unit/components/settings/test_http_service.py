"""What the settings of API services and of the web tier have in common."""

from tests.unit.components.settings.refusals import paths, service
from tests.unit.describing import settings


def test_one_number_of_replicas_sets_both_min_and_max() -> None:
    replicas = settings({"web": {"gateway": {"replicas": 3}}}).web.gateway.replicas
    assert (replicas.min, replicas.max) == (3, 3)


def test_a_service_has_either_an_image_or_a_build() -> None:
    assert paths(service()) == []
    assert paths(service(image=None, build="images/web")) == []
    assert paths(service(build="images/web")) == ["api.services.reports"]
    assert paths(service(image=None)) == ["api.services.reports"]


def test_the_page_has_either_an_image_or_a_build() -> None:
    page = {"image": "acme/page:1"}
    assert paths({"web": {"frontend": page}}) == []
    assert paths({"web": {"frontend": page | {"build": "images/web"}}}) == ["web.frontend"]
    assert paths({"web": {"frontend": {"build": None}}}) == ["web.frontend"]


def test_min_replicas_are_at_most_max_replicas() -> None:
    assert paths(service(replicas={"min": 2, "max": 2})) == []
    assert paths(service(replicas={"min": 3, "max": 2})) == ["api.services.reports.replicas.min"]


def test_the_replicas_of_the_web_tier_follow_the_same_rule() -> None:
    assert paths({"web": {"gateway": {"replicas": {"min": 2, "max": 2}}}}) == []
    assert paths({"web": {"gateway": {"replicas": {"min": 3, "max": 2}}}}) == [
        "web.gateway.replicas.min"
    ]
