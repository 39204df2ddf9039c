"""What holds for every exporter of the default stack, and for every variable that names a file."""

import re

import pytest

from airgap import images
from components.container import Container
from components.images import ENTRIES
from tests.unit.rendering import Rendered


@pytest.fixture
def containers(dev: Rendered) -> dict[str, Container]:
    return {
        container.name: container
        for workload in dev.workloads
        for container in workload.containers()
    }


def test_an_exporter_has_one_port_with_metrics_and_its_image_exposes_it(
    containers: dict[str, Container],
) -> None:
    exporters = {
        name: container for name, container in containers.items() if name.endswith("-exporter")
    }
    assert exporters
    for name, exporter in exporters.items():
        (port,) = [port.number for port in exporter.ports if port.metrics]
        (entry,) = [
            key for key, entry in ENTRIES.items() if entry.official == exporter.image.reference
        ]
        text = (images.SOURCES / entry / "Dockerfile").read_text()
        assert re.findall(r"^EXPOSE (\d+)", text, re.MULTILINE) == [str(port)], name


def test_a_variable_that_names_a_file_names_one_of_the_containers_files(
    containers: dict[str, Container],
) -> None:
    for name, container in containers.items():
        paths = {file.path for file in container.files}
        for variable, value in container.env.items():
            if variable.endswith("_FILE"):
                assert value in paths, (name, variable)
