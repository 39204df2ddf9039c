"""Dashboards for a Prometheus that others share."""

import json
from pathlib import Path

import pytest

from components.observability import dashboards
from components.observability.promql import bound
from tests.queries import DASHBOARDS, panels

FILES = sorted(DASHBOARDS.glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_query_of_a_panel_is_bound_to_the_namespace(path: Path) -> None:
    plain = json.loads(path.read_text())
    ours = json.loads(dashboards.bound(json.dumps(plain), "acme"))
    queries = [
        (before, after)
        for one, other in zip(panels(plain), panels(ours), strict=True)
        for before, after in zip(one.get("targets", ()), other.get("targets", ()), strict=True)
    ]
    assert queries
    assert [after["expr"] for _, after in queries] == [
        bound(before["expr"], "acme") for before, _ in queries
    ]


def test_a_variable_offers_the_values_of_the_namespace() -> None:
    plain = {
        "templating": {
            "list": [
                {"type": "datasource", "query": "prometheus"},
                {"type": "query", "query": {"query": 'label_values(up{tier="api"}, job)'}},
                {"type": "query", "definition": "label_values(up, job)"},
            ]
        }
    }
    datasource, first, second = json.loads(dashboards.bound(json.dumps(plain), "acme"))[
        "templating"
    ]["list"]
    assert datasource == {"type": "datasource", "query": "prometheus"}
    assert first["query"]["query"] == 'label_values(up{namespace="acme", tier="api"}, job)'
    assert second["definition"] == 'label_values(up{namespace="acme"}, job)'
