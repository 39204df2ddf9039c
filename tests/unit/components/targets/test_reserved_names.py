"""The names that the targets use are those that the parts list, and those that are reserved."""

import pytest

from components.targets.shared_names import PROBES, RESERVED
from tests.unit.cases import CASES, Case
from tests.unit.describing import tiers
from tests.unit.objects import objects
from tests.unit.rendering import Rendered


def of_parts(case: Case) -> set[str]:
    return {
        name
        for tier in tiers(case.settings, case.secret)
        for part in tier.parts
        for name in part.names()
    }


def of_targets(rendered: Rendered, prefix: str) -> set[str]:
    """The names of networks, a target's own containers, objects and a certificate's Secret.

    Objects of the Prometheus Operator are left out, because no other part has objects of their
    kinds.
    """
    networks = {
        network.inputs["name"].removeprefix(f"{prefix}-")
        for network in rendered.of_type("Network").values()
    }
    labels = {
        resource["metadata"]["labels"]["app.kubernetes.io/name"]
        for resource in objects(rendered).values()
        if resource["kind"] not in ("PodMonitor", "PrometheusRule")
    }
    certificates = {
        tls["secretName"].removeprefix("ai-platform-")
        for ingress in objects(rendered, "Ingress").values()
        for tls in ingress["spec"].get("tls", [])
        if tls["secretName"].startswith("ai-platform-")
    }
    own_containers = {
        name
        for name, container in rendered.of_type("Container").items()
        if container.parent not in rendered.tiers()
    }
    return networks | own_containers | labels | certificates


# A stack that reaches a server outside, beside the recorded ones.
WITH_OUTSIDE = Case(
    settings={"api": {"services": {"backend": {"outside": [{"name": "mail", "ports": [25]}]}}}}
)


@pytest.mark.parametrize("case", [*CASES.values(), WITH_OUTSIDE], ids=[*CASES, "outside"])
def test_the_names_of_all_resources_of_no_part_are_reserved(case: Case) -> None:
    names = of_targets(case.render(), f"ai-platform-{case.stack}")
    assert names
    assert names - of_parts(case) <= RESERVED


def test_every_reserved_name_is_in_use() -> None:
    names = {
        name
        for case in (*CASES.values(), WITH_OUTSIDE)
        for name in of_targets(case.render(), f"ai-platform-{case.stack}")
    }
    # The probes are a job of Prometheus and have no resource.
    assert names >= RESERVED - {PROBES}


NAMED_AFTER_PARTS = (
    *("Deployment", "StatefulSet", "Service", "ServiceAccount", "NetworkPolicy", "Cluster"),
    *("Pooler", "HorizontalPodAutoscaler", "PodDisruptionBudget"),
)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_part_lists_every_name_that_targets_use_for_it(case: Case) -> None:
    """The names of containers, and of objects without a hash in their name."""
    rendered = case.render()
    names = set(rendered.containers()) | {
        resource["metadata"]["name"].removeprefix("ai-platform-")
        for resource in objects(rendered, *NAMED_AFTER_PARTS).values()
    }
    assert names
    assert names - RESERVED <= of_parts(case)
