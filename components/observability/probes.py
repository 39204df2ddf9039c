"""What the prober asks: every route of the front door, and every host through the Ingress."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from components.addresses import Address
from components.observability import GRAFANA, PROBER, PROBER_PORT
from components.probe import Probe
from components.settings import (
    BACKEND,
    FRONTEND,
    Place,
    Route,
    Settings,
    is_reference,
    owner,
    place,
)

# The name in the requests of a stack without host names.
NO_HOST = "localhost"
# What our own services answer to everybody, where the gateway does not lead to their health.
STATUS, PAGE = Place(host="", path="/api/status"), Place(host="", path="/")
GRAFANA_HEALTH = "/api/health"


class Through(StrEnum):
    """What a probe goes through to the service."""

    INGRESS = "ingress"
    GATEWAY = "gateway"
    NOTHING = "nothing"


class How(StrEnum):
    """What a service must answer: a success, or anything that shows that it lives."""

    WELL = "well"
    ALIVE = "alive"


@dataclass(frozen=True, kw_only=True)
class Question:
    """A place to ask, and what to expect there."""

    place: Place
    how: How


def module(through: Through, how: How) -> str:
    return f"{through}-{how}"


def probes(settings: Settings, front_door: Address) -> tuple[Probe, ...]:
    """Every probe of a stack. `front_door` is where the gateway answers."""
    return (
        *_through_gateway(settings, front_door),
        *_through_ingress(settings),
        *_without_route(settings),
    )


def not_shown(settings: Settings) -> dict[str, Address]:
    """The services that neither metrics nor a probed route show, by name."""
    routes = settings.web.routes.values()
    seen = {route.to for route in routes if route.probe is not False}
    return {
        name: Address(workload=name, port=service.port)
        for name, service in settings.api.services.items()
        if service.metrics is None and name not in seen
    }


def _through_gateway(settings: Settings, front_door: Address) -> Iterator[Probe]:
    origin = front_door.url("https" if settings.certificate else "http")
    for key, route in settings.web.routes.items():
        for question in _questions(key, route, settings):
            yield _probe(question, route.to, Through.GATEWAY, origin, settings)


def _through_ingress(settings: Settings) -> Iterator[Probe]:
    """One probe for each host: of the route with the shortest path."""
    ingress = settings.observability.probes.ingress
    for host in settings.hosts if ingress else ():
        questions = [
            (question, route.to)
            for key, route in sorted(settings.web.routes.items(), key=lambda item: place(item[0]))
            if (place(key).host or settings.web.host) == host
            for question in _questions(key, route, settings)
        ]
        if ingress and questions:
            question, service = questions[0]
            yield _probe(question, service, Through.INGRESS, ingress.url, settings)


def _without_route(settings: Settings) -> Iterator[Probe]:
    for name, address in not_shown(settings).items():
        yield Probe(
            prober=PROBER,
            port=PROBER_PORT,
            module=module(Through.NOTHING, How.WELL),
            url=f"{address.url()}{settings.api.services[name].health}",
            labels=_labels(name, name, Through.NOTHING),
        )


def _probe(
    question: Question, service: str, through: Through, origin: str, settings: Settings
) -> Probe:
    at = question.place
    host = at.host or settings.web.host
    return Probe(
        prober=PROBER,
        port=PROBER_PORT,
        module=module(through, question.how),
        url=f"{origin}{at.path}",
        host=host or NO_HOST,
        labels=_labels(f"{host or ''}{at.path}", service, through),
    )


def _labels(instance: str, service: str, through: Through) -> dict[str, str]:
    return {"instance": instance, "service": service, "through": str(through)}


def _questions(key: str, route: Route, settings: Settings) -> list[Question]:
    """What to ask of a route. Any application may be behind it, and may answer 401 or 404.

    A service's health needs no login. If the route does not lead to it, a request for headers must
    do: it also ends where the answer to another request is a stream. The backend's status answers
    on a way of its own, also while the backend is not ready, so the route is asked as well.
    """
    here = place(key)
    if route.probe is False:
        return []
    if route.probe:
        path = f"{here.folder}{route.probe}"
        return [Question(place=Place(host=here.host, path=path), how=How.WELL)]
    health, metrics = _health(route.to, settings)
    prefix = route.removed(here)
    candidates = [*_own_answers(route.to, settings)]
    candidates += [Place(host=here.host, path=f"{prefix}{health}")] if health else []
    for candidate in candidates:
        if owner(settings.web.routes, candidate) == key and candidate.path != f"{prefix}{metrics}":
            question = Question(place=candidate, how=How.WELL)
            ordinary = [Question(place=here, how=How.ALIVE)] if candidate == STATUS else []
            return [question, *ordinary]
    return [Question(place=here, how=How.ALIVE)]


def _health(service: str, settings: Settings) -> tuple[str | None, str | None]:
    """The paths of a service's health, and of its metrics, which the gateway hides."""
    if service == GRAFANA.workload:
        return GRAFANA_HEALTH, "/metrics"
    if service in settings.api.services:
        api_service = settings.api.services[service]
        return api_service.health, api_service.metrics
    page = settings.web.frontend
    return (page.health if page else None), None


def _own_answers(service: str, settings: Settings) -> list[Place]:
    """Where a service answers, if it is built from our source."""
    page, backend = settings.web.frontend, settings.api.services.get(BACKEND)
    if service == BACKEND and backend and backend.build:
        ours = is_reference(BACKEND, backend.build.context, backend.build.dockerfile)
        return [STATUS] if ours else []
    if service == FRONTEND and page and page.build:
        return [PAGE] if page.build.context == "images/web" else []
    return []
