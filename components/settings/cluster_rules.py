"""Rules across the settings of a Kubernetes stack."""

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

from components.settings.models import Settings
from components.settings.problems import Problem

# These have no login of their own: on Docker they are on loopback, and here inside the cluster.
WITHOUT_LOGIN = ("prometheus", "alertmanager")


def broken(settings: Settings) -> Iterator[Problem]:
    """Every broken rule; none for a stack that does not run on Kubernetes."""
    if settings.target != "kubernetes":
        return
    yield from _namespace(settings)
    yield from _ingress(settings)
    yield from _tolerations(settings)
    yield from _repository(settings)


def _namespace(settings: Settings) -> Iterator[Problem]:
    """The stack owns its namespace: it denies all in it, and removes it at its end."""
    name = settings.kubernetes.namespace
    if name == "default" or name.startswith("kube-"):
        yield Problem(
            path="kubernetes.namespace",
            found=repr(name),
            allowed="a namespace of the stack's own, and none of the cluster's",
        )


def _ingress(settings: Settings) -> Iterator[Problem]:
    ingress = settings.kubernetes.ingress
    path = "kubernetes.ingress"
    endpoints = ["web", *settings.api.services]
    if settings.observability.grafana:
        endpoints.append("grafana")
    for name in ingress.hosts:
        if name in WITHOUT_LOGIN:
            yield Problem(
                path=f"{path}.hosts.{name}",
                found="an endpoint without a login",
                allowed=f"{', '.join(endpoints)}; reach {name} with kubectl port-forward",
            )
        elif name not in endpoints:
            nearest = get_close_matches(name, endpoints, n=1)
            yield Problem(
                path=f"{path}.hosts.{name}",
                found="an endpoint that the stack has not",
                allowed=", ".join(endpoints),
                nearest=nearest[0] if nearest else None,
            )
    for host, count in Counter(ingress.hosts.values()).items():
        if count > 1:
            yield Problem(
                path=f"{path}.hosts",
                found=f"{host} {count} times",
                allowed="a host name for each endpoint",
            )
    tls = ingress.tls
    if ingress.hosts and tls is None:
        yield Problem(path=f"{path}.tls", found="null", allowed="a certificate, as there are hosts")
    if tls and (tls.secret is None) == (tls.issuer is None):
        yield Problem(
            path=f"{path}.tls",
            found="neither" if tls.secret is None else "both",
            allowed="either `secret` or `issuer`",
        )
    if ingress.hosts and ingress.controller_namespace is None:
        yield Problem(
            path=f"{path}.controller_namespace",
            found="null",
            allowed="the namespace of the Ingress controller: nobody else is let in",
        )


def _tolerations(settings: Settings) -> Iterator[Problem]:
    for number, each in enumerate(settings.kubernetes.tolerations):
        if each.operator == "Exists" and each.value is not None:
            yield Problem(
                path=f"kubernetes.tolerations.{number}.value",
                found=repr(each.value),
                allowed="none, as the operator is Exists",
            )
        if each.key is None and each.operator != "Exists":
            yield Problem(
                path=f"kubernetes.tolerations.{number}.operator",
                found=repr(each.operator),
                allowed="Exists, as there is no key",
            )


def _repository(settings: Settings) -> Iterator[Problem]:
    """A cluster can not build: what is built must be pulled from somewhere."""
    if settings.images.repository or settings.registry:
        return
    built = {"web": settings.web} | {
        f"api.services.{name}": service for name, service in settings.api.services.items()
    }
    names = [name for name, workload in built.items() if workload.build]
    if names:
        yield Problem(
            path="images.repository",
            found="null",
            allowed="where `make images` pushes what is built from source, or an `image` for each "
            f"of {', '.join(names)}",
        )
