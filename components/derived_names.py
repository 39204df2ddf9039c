"""Names that follow from the name of a part, a container or a volume."""

from components.addresses import host_name, metrics_name, unready_name


def metrics(workload: str) -> str:
    """The name of a workload's metrics, as other parts would have it: without our prefix."""
    return metrics_name(workload).removeprefix(host_name(""))


def volume_exporter(workload: str) -> str:
    """The name of the container that measures how full a workload's volumes are."""
    return f"{workload}-volumes"


def file_copies(workload: str) -> str:
    """The name of the container that copies a workload's volumes to a bucket."""
    return f"{workload}-files"


def file_restorer(workload: str) -> str:
    """The name of the step that brings a workload's volumes back."""
    return f"{workload}-files-restore"


def governing_service(workload: str) -> str:
    """The name of the headless Service that gives each pod of a workload with a volume its name."""
    return f"{workload}-pods"


def unready(workload: str) -> str:
    """The name of a workload's replicas that may not be ready, as another part would have it."""
    return unready_name(workload).removeprefix(host_name(""))


def try_name(job: str, number: int) -> str:
    """The name of the container of one try. Tries are numbered from 1."""
    return job if number == 1 else f"{job}-try-{number}"


def replica_name(container: str, number: int) -> str:
    """The name of a container in one replica. Replicas are numbered from 1."""
    return container if number == 1 else f"{container}-{number}"


def opening_name(volume: str) -> str:
    """The name of the container that opens an empty volume to the one that writes it."""
    return f"{volume}-open"
