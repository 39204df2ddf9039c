"""The rows of a restored server are compared with those that were recovered."""

import click
import pytest

from operations.restore import rows

ANSWER = rows.recovered(
    {
        "id": "r1",
        "target": "the latest state",
        "size": 3 * 1024**2,
        "tables": [
            {"database": "platform", "table": "public.decisions", "rows": 3},
            {"database": "sales", "table": "public.items", "rows": 0},
        ],
    }
)


RECOVERED = ANSWER.rows


def test_what_is_recovered_is_said_in_short() -> None:
    assert str(ANSWER) == "the latest state: 3 rows, 2 tables, 3.0 MB"


def test_the_same_rows_are_accepted() -> None:
    rows.expect_same(RECOVERED, dict(RECOVERED), "dev")


def test_a_missing_table_and_a_further_one_are_named() -> None:
    present = {("platform", "public.decisions"): 4, ("sales", "public.orders"): 1}
    with pytest.raises(click.ClickException) as error:
        rows.expect_same(RECOVERED, present, "acme/prod")
    assert error.value.message.splitlines()[1:-1] == [
        "  platform, public.decisions: 4 instead of 3",
        "  sales, public.items: no table instead of 0",
        "  sales, public.orders: 1 instead of no table",
    ]
    assert "make restore STACK=acme/prod tries again" in error.value.message
