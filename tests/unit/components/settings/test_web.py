"""The web tier's settings."""

from tests.unit.describing import settings


def test_an_image_for_the_web_tier_takes_the_place_of_its_build() -> None:
    web = settings({"web": {"image": "acme/page:1"}}).web
    assert (web.image, web.build) == ("acme/page:1", None)


def test_a_page_of_ones_own_may_be_built_too() -> None:
    web = settings({"web": {"build": "images/decision"}}).web
    assert (web.image, web.build) == (None, "images/decision")
