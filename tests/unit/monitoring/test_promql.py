import pytest

from tests.unit.monitoring.promql import metrics


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("vector(1)", set()),
        ('sum by (job, le) (rate(a_bucket{path!~"/(x|y){2}"}[5m])) > 500e6', {"a_bucket"}),
        (
            "platform:a:b * 0 + on (job) group_left () count by (job) (c == 1)",
            {"platform:a:b", "c"},
        ),
        ("changes(a[15m]) unless on (job) (b or c)", {"a", "b", "c"}),
    ],
)
def test_the_metrics_of_an_expression_are_found(expression: str, expected: set[str]) -> None:
    assert metrics(expression) == expected
