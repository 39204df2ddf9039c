"""Names and labels on the cluster."""

import pytest

from components.targets.kubernetes import naming


def test_selectors_never_change_and_labels_are_the_recommended_ones() -> None:
    labels = naming.labels("backend", "api")
    selector = naming.selector("backend")
    assert selector.items() <= labels.items()
    assert set(labels) - set(selector) == {
        "app.kubernetes.io/component",
        "app.kubernetes.io/part-of",
        "app.kubernetes.io/managed-by",
    }
    assert labels["app.kubernetes.io/component"] == "api"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/tmp", "scratch-app-tmp"),
        ("/var/run/postgresql", "scratch-app-var-run-postgresql"),
        ("/app/data/", "scratch-app-app-data"),
    ],
)
def test_a_plain_path_is_readable_in_its_volumes_name(path: str, name: str) -> None:
    assert naming.volume_name("app", path) == name


@pytest.mark.parametrize("path", ["/srv/a-b", "/srv/a_b", "/srv/A/b", "/srv/a.b"])
def test_any_other_path_adds_digits_of_its_hash(path: str) -> None:
    words, _, digits = naming.volume_name("app", path).rpartition("-")
    assert words == "scratch-app-srv-a-b"
    assert int(digits, 16) >= 0


def test_the_longest_name_is_valid_in_the_api() -> None:
    for length in range(40, 80):
        name = naming.volume_name("app", f"/{'a/' * length}")
        assert len(name) <= 63
        assert not name.endswith("-")
