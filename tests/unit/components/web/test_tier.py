"""The web tier: the gateway, and the page behind it."""

from tests.unit.describing import tiers


def names(**web: object) -> list[str]:
    return [part.name for part in tiers({"web": web})[3].parts]


def test_it_has_the_page_and_the_gateway() -> None:
    assert names() == ["frontend", "gateway"]
    assert names(frontend=None) == ["gateway"]


def test_its_only_endpoint_is_the_gateway() -> None:
    web = tiers({})[3]
    assert web.endpoints == ("web",)
    assert web.logins == {}
