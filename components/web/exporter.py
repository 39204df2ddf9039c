"""The exporter beside each nginx. It reads nginx' metrics over a shared socket and not over the
network."""

from pathlib import PurePosixPath

from components import http_service
from components.catalogue import Catalogue
from components.container import EXPORTER, Container, Health, Http, Port, SharedDirectory
from components.settings import EXPORTER_PORT


def exporter(name: str, catalogue: Catalogue, socket: str) -> Container:
    """The sidecar of the workload of this name, whose nginx answers at this socket."""
    return Container(
        name=f"{name}-exporter",
        image=catalogue.image("nginx-exporter"),
        command=(f"--nginx.scrape-uri=unix:{socket}:/stub_status",),
        # Version 0 ends if it starts before nginx. Later versions wait, and do not know these.
        env={"NGINX_RETRIES": "3600", "NGINX_RETRY_INTERVAL": "1s"},
        shared=(status_directory(name, socket),),
        ports=(
            Port(
                name="metrics",
                number=EXPORTER_PORT,
                metrics="/metrics",
                scrape_interval=http_service.SCRAPE_INTERVAL,
            ),
        ),
        # nginx serves without its metrics, so only the exporter itself is restarted.
        alive=Health(ask=Http(path="/", port=EXPORTER_PORT)),
        resources=EXPORTER,
    )


def status_directory(name: str, socket: str) -> SharedDirectory:
    """The directory of the socket, which the workload shares with its exporter."""
    return SharedDirectory(name=f"{name}-status", path=str(PurePosixPath(socket).parent))
