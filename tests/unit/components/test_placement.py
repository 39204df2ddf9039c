"""Where a part runs."""

from components.placement import Placement, Toleration


def test_a_job_of_a_service_stays_on_its_nodes_without_gpus() -> None:
    nodes = Placement(
        node_selector={"pool": "gpu"}, tolerations=(Toleration(key="pool"),), runtime_class="nvidia"
    )
    with_gpus = Placement(
        gpu=1,
        gpus="all",
        node_selector=nodes.node_selector,
        tolerations=nodes.tolerations,
        runtime_class=nodes.runtime_class,
    )
    assert with_gpus.without_gpus() == nodes
