"""Binding PromQL to one namespace."""

import pytest

from components.observability.promql import bound
from tests.queries import dashboard_queries, rule_expressions
from tests.unit.monitoring.promql import metrics

N = 'namespace="acme"'
EXPRESSIONS = [expression for _, expression in (*rule_expressions(), *dashboard_queries())]


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ("up", f"up{{{N}}}"),
        ("up{}", f"up{{{N}}}"),
        ('up{job="a}b", x!~"}"}', f'up{{{N}, job="a}}b", x!~"}}"}}'),
        ("up {job='a'}", f"up{{{N}, job='a'}}"),
        ('{__name__=~"a.*"}', f'{{{N}, __name__=~"a.*"}}'),
        ("rate(a_total[5m])", f"rate(a_total{{{N}}}[5m])"),
        ("a:b:c offset 1m", f"a:b:c{{{N}}} offset 1m"),
        ("(a > bool 1e3)[15m:15s]", f"(a{{{N}}} > bool 1e3)[15m:15s]"),
        ("a @ end() - 0x1f", f"a{{{N}}} @ end() - 0x1f"),
        ("sum(a)", f"sum(a{{{N}}})"),
        ("sum by (job, le) (a)", f"sum by (namespace, job, le) (a{{{N}}})"),
        ("sum(a) by ()", f"sum(a{{{N}}}) by (namespace)"),
        ("sum without (job) (a)", f"sum without (job) (a{{{N}}})"),
        (
            "a and on (job) b * on(x) group_left (y) c",
            f"a{{{N}}} and on (job) b{{{N}}} * on(x) group_left (y) c{{{N}}}",
        ),
        ("a * on () group_left c", f"a{{{N}}} * on () group_left c{{{N}}}"),
        ("count{a='b'} or COUNT(sum_total)", f"count{{{N}, a='b'}} or COUNT(sum_total{{{N}}})"),
        ("vector(1) or Inf > NaN", "vector(1) or Inf > NaN"),
        ('label_join(a, "b", ",", "(up)")', f'label_join(a{{{N}}}, "b", ",", "(up)")'),
        ("a # not up\n+ b", f"a{{{N}}} # not up\n+ b{{{N}}}"),
        ('a{job="$job"}[$__rate_interval]', f'a{{{N}, job="$job"}}[$__rate_interval]'),
        ("topk($limit, a) > ${least}", f"topk($limit, a{{{N}}}) > ${{least}}"),
    ],
)
def test_every_selector_gets_the_namespace_and_nothing_else_does(plain: str, expected: str) -> None:
    assert bound(plain, "acme") == expected


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_each_query_of_the_platform_is_bound_once_for_each_series_that_it_reads(
    expression: str,
) -> None:
    """Counted by another way of reading PromQL: what is left without the matcher reads the same."""
    once = bound(expression, "acme")
    assert metrics(once) == metrics(expression)
    for name in metrics(expression):
        assert f"{name}{{{N}" in once
    assert once.replace(f"{N}, ", "").replace(f"{{{N}}}", "").replace("namespace, ", "") == (
        expression
    )
