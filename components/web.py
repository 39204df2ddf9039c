"""The web tier: the page, and the backend under the page's own origin."""

from pathlib import Path, PurePosixPath

from components import service
from components.api import ServiceConnection
from components.images import Catalogue
from components.settings import Settings
from components.settings.container_rules import EXPORTER_PORT, TLS_PORT
from components.text import SECRETS, Secret
from components.tier import Tier
from components.workload import (
    EXPORTER,
    Container,
    Exposure,
    File,
    Port,
    Shared,
    Workload,
)

TIER = "web"
NAME = "frontend"


class WebTier(Tier):
    def __init__(
        self, settings: Settings, catalogue: Catalogue, backend: ServiceConnection
    ) -> None:
        super().__init__(TIER, (frontend(settings, catalogue, backend),))


def frontend(settings: Settings, catalogue: Catalogue, backend: ServiceConnection) -> Workload:
    """It reaches the backend and nothing else: nginx's figures leave it over a shared socket."""
    web = settings.web
    status = _status(web.status_socket)
    certificate = _certificate(settings)
    return Workload(
        name=NAME,
        tier=TIER,
        image=service.image("web", web, catalogue, "nginx", "SIGQUIT"),
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
        ports=(service.port(web, None), *(_tls_port() if certificate else ())),
        ready=service.health(web.ready, web),
        alive=service.health(web.health, web),
        reaches=(backend.address, *service.outside(web)),
        starts_after=backend.starts_after,
        resources=service.resources(web),
        replicas=service.replicas(web),
        exposure=Exposure(endpoint="web", port=TLS_PORT, scheme="https")
        if certificate
        else Exposure(endpoint="web", port=web.port),
        stop_grace=web.stop_grace,
        sidecars=(exporter(catalogue, status, web.status_socket),) if web.status_socket else (),
    )


def exporter(catalogue: Catalogue, status: tuple[Shared, ...], socket: str) -> Container:
    return Container(
        name=f"{NAME}-exporter",
        image=catalogue.image("nginx-exporter"),
        command=(f"--nginx.scrape-uri=unix:{socket}:/stub_status",),
        shared=status,
        ports=(Port(name="metrics", number=EXPORTER_PORT, metrics="/metrics"),),
        resources=EXPORTER,
    )


def _status(socket: str | None) -> tuple[Shared, ...]:
    if socket is None:
        return ()
    return (Shared(name=f"{NAME}-status", path=str(PurePosixPath(socket).parent)),)


def _certificate(settings: Settings) -> tuple[File, ...]:
    """The certificate as files; the settings' rules have made sure that they can be read."""
    tls = settings.certificate
    if tls is None:
        return ()
    return tuple(
        File(
            path=f"{SECRETS}/{name}",
            content=Secret(name=name.replace(".", "-"), given=Path(path).read_text()).text,
        )
        for name, path in (("tls.crt", tls.certificate), ("tls.key", tls.key))
    )


def _https(settings: Settings) -> dict[str, str]:
    """Where people are sent who come without TLS: the published port, or what is in front."""
    published = settings.docker.ports.web
    own = {"HTTPS_PORT": str(published)} if settings.certificate and published else {}
    return own | ({"REDIRECT_HTTPS": "on"} if settings.tls_ends_before_web else {})


def _tls_port() -> tuple[Port, ...]:
    return (Port(name="https", number=TLS_PORT),)
