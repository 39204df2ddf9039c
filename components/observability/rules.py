"""Prometheus' rules: the files in monitoring/prometheus/rules/, and the expected replicas."""

from collections.abc import Mapping, Sequence

import yaml

from components import plain_files
from components.observability import promql
from components.text import Text
from components.workload import ScrapeTarget

EXPECTED = "expected.yml"


def files(targets: Sequence[ScrapeTarget], runbook_base_url: str) -> dict[str, Text]:
    """Every rule file by its name, with the links to runbooks below this URL."""
    texts = {
        name: Text(template=_with_runbooks(text.template, runbook_base_url))
        for name, text in plain_files.texts("monitoring/prometheus/rules", "*.yml")
    }
    return dict(sorted((texts | {EXPECTED: expected(targets)}).items()))


def expected(targets: Sequence[ScrapeTarget]) -> Text:
    """The number of replicas that each job should have, or the minimum if an autoscaler decides,
    and the gaps of schedules that a job does not export.

    If all replicas of a service have stopped, Prometheus discovers no address for an alert to fire
    on. These series remain.
    """
    rules = [
        {
            "record": "platform:replicas:expected",
            "expr": f"vector({target.replicas})",
            "labels": {"job": target.job, "tier": target.tier},
        }
        for target in targets
    ]
    rules += [
        {
            "record": "platform_backup_expected_interval_seconds",
            "expr": f"vector({seconds})",
            "labels": {"job": target.job, "what": what},
        }
        for target in targets
        for what, seconds in target.schedules.items()
    ]
    groups = {"groups": [{"name": "expected", "rules": rules}]}
    return Text(template=yaml.safe_dump(groups, sort_keys=False))


def bound(files: Mapping[str, Text], namespace: str, origin: Mapping[str, str]) -> dict[str, Text]:
    """The rule files for a Prometheus that evaluates the rules of other namespaces too.

    Each expression reads the series of this namespace only, and the label `namespace` of what a
    rule records or fires keeps that apart as well. Alerts get the labels of `origin`, which our own
    Prometheus adds as external labels.
    """
    return {
        name: Text(template=_bound(text.template, namespace, origin))
        for name, text in files.items()
    }


def _bound(rules: str, namespace: str, origin: Mapping[str, str]) -> str:
    content = yaml.safe_load(rules)
    for group in content["groups"]:
        for rule in group["rules"]:
            rule["expr"] = promql.bound(rule["expr"], namespace)
            added = {"namespace": namespace} | (dict(origin) if "alert" in rule else {})
            rule["labels"] = {**rule.get("labels", {}), **added}
    return yaml.safe_dump(content, sort_keys=False)


def _with_runbooks(rules: str, base_url: str) -> str:
    return rules.replace("runbook_url: docs/", f"runbook_url: {base_url}docs/")
