"""References in values: how they are written, and which exist."""

import pytest

from components.settings.references import Reference, pieces
from tests.unit.components.settings.refusals import REPORTS, paths, paths_on_both, refusal, service


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        ("plain $HOME $$", ["plain $HOME $$"]),
        ("a${api-token}b", ["a", Reference(name="api-token"), "b"]),
        ("${database.password:url}", [Reference(name="database.password", form="url")]),
        ("$${api-token}", ["${", "api-token}"]),
        ("$$${api-token}", ["$", "${", "api-token}"]),
        ("${", [Reference(name="")]),
        ("${a\nb}", [Reference(name=""), "a\nb}"]),
        ("${a:b:c}", [Reference(name="a", form="b:c")]),
    ],
)
def test_a_value_has_literal_pieces_and_references(
    value: str, expected: list[str | Reference]
) -> None:
    assert list(pieces(value)) == expected


@pytest.mark.parametrize(
    "value",
    [
        "${databse.url}",
        "${HOME}",
        "${}",
        "${api-token",
        "${secret.absent}",
        "${service.absent.url}",
        "${database.url}",
        "${database.password:url}",
        "${api-token:base64}",
        "${cache.url:url}",
    ],
)
def test_a_reference_without_a_meaning_is_refused(value: str) -> None:
    assert paths_on_both(service(env={"A": value})) == [f"{REPORTS}.env.A"]
    assert paths_on_both(service(files={"/etc/a": f"x {value}"})) == [f"{REPORTS}.files./etc/a"]


def test_the_nearest_reference_is_named() -> None:
    assert "nearest  cache.password" in refusal(service(env={"A": "${cache.pasword}"}))
    assert "nearest  service.decision.url" in refusal(service(env={"A": "${service.decison.url}"}))
    assert "nearest  secret.model-key" in refusal(
        {"secrets": {"model-key": None}} | service(env={"A": "${secret.modelkey}"})
    )


def test_a_reference_to_the_database_asks_for_a_database() -> None:
    message = refusal(service(env={"A": "${database.host}"}))
    assert f"{REPORTS}.database, which gives the service a database" in message
    assert paths(service(database={}, env={"A": "${database.host}"})) == []


def test_a_literal_brace_is_written_with_two_dollars() -> None:
    assert paths_on_both(service(env={"A": "$${HOME}"}, files={"/etc/a": "$${x}"})) == []
