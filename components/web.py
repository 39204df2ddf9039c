"""The web tier: it serves the page, and the backend under the same origin."""

from pathlib import Path, PurePosixPath

from components import http_service
from components.api import ServiceConnection
from components.catalogue import Catalogue
from components.container import (
    EXPORTER,
    Container,
    File,
    Health,
    Http,
    Port,
    SharedDirectory,
)
from components.settings import EXPORTER_PORT, TLS_PORT, Settings
from components.text import SECRETS, Secret
from components.tier import Tier
from components.workload import Exposure, Workload

NAME = "frontend"
ENDPOINT = "web"


class WebTier(Tier):
    name = "web"

    def __init__(
        self, settings: Settings, catalogue: Catalogue, backend: ServiceConnection
    ) -> None:
        super().__init__((frontend(settings, catalogue, backend),))


def frontend(settings: Settings, catalogue: Catalogue, backend: ServiceConnection) -> Workload:
    """The web tier's workload. The exporter reads nginx' metrics over a shared socket and not over
    the network."""
    web = settings.web
    certificate = _certificate(settings)
    status = _status_directory(web.status_socket)
    return Workload(
        name=NAME,
        tier=WebTier.name,
        image=http_service.image("web", web, catalogue, "nginx", stop_signal="SIGQUIT"),
        env={
            "API_HOST": backend.address.host,
            "API_PORT": str(backend.address.port),
            "MAX_BODY_SIZE": web.max_body_size,
            **_https(settings),
            **web.env,
        },
        files=certificate,
        scratch=tuple(web.writable),
        shared=status,
        ports=(
            http_service.port(web),
            *((Port(name="https", number=TLS_PORT),) if certificate else ()),
        ),
        ready=http_service.health(web.ready, web),
        alive=http_service.health(web.health, web),
        reaches=(backend.address, *http_service.outside(web)),
        starts_after=backend.starts_after,
        resources=http_service.resources(web),
        replicas=http_service.replicas(web),
        exposure=Exposure(
            endpoint=ENDPOINT,
            port=TLS_PORT if certificate else web.port,
            scheme="https" if certificate else "http",
            public=True,
            max_body_size=web.max_body_size,
        ),
        stop_grace=web.stop_grace,
        sidecars=(exporter(catalogue, status, web.status_socket),) if web.status_socket else (),
    )


def exporter(catalogue: Catalogue, status: tuple[SharedDirectory, ...], socket: str) -> Container:
    return Container(
        name=f"{NAME}-exporter",
        image=catalogue.image("nginx-exporter"),
        command=(f"--nginx.scrape-uri=unix:{socket}:/stub_status",),
        shared=status,
        ports=(
            Port(
                name="metrics",
                number=EXPORTER_PORT,
                metrics="/metrics",
                scrape_interval=http_service.SCRAPE_INTERVAL,
            ),
        ),
        # The page is served without its metrics, so only the exporter itself is restarted.
        alive=Health(ask=Http(path="/", port=EXPORTER_PORT)),
        resources=EXPORTER,
    )


def _status_directory(socket: str | None) -> tuple[SharedDirectory, ...]:
    if socket is None:
        return ()
    return (SharedDirectory(name=f"{NAME}-status", path=str(PurePosixPath(socket).parent)),)


def _certificate(settings: Settings) -> tuple[File, ...]:
    """The certificate and its key as files. The settings' rules have checked that they exist."""
    tls = settings.certificate
    if tls is None:
        return ()
    return tuple(
        File(
            path=f"{SECRETS}/{name}",
            content=Secret(name=name.replace(".", "-"), value=Path(path).read_text()).text,
        )
        for name, path in (("tls.crt", tls.certificate), ("tls.key", tls.key))
    )


def _https(settings: Settings) -> dict[str, str]:
    """How the web tier redirects people who come without TLS: to the port that is published, or to
    the Ingress in front."""
    published = settings.published_port(ENDPOINT)
    https_port = {"HTTPS_PORT": str(published)} if settings.certificate and published else {}
    return https_port | ({"REDIRECT_HTTPS": "on"} if settings.tls_ends_before_web else {})
