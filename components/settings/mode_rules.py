"""Rules about modes: what goes with which, and what only a cluster has."""

from collections.abc import Iterator

from components.settings.models import ImageName, Settings
from components.settings.problems import Problem

# The passwords that CloudNativePG reads itself, from Secrets with the keys `username` and
# `password`.
OPERATORS = ("postgres-password", "postgres-owner-password")
# What only a Prometheus and an Alertmanager of ours can be told.
OURS = ("receiver", "retention", "size", "memory")


def broken(settings: Settings) -> Iterator[Problem]:
    """Every broken rule."""
    yield from _external(settings)
    yield from _tls(settings)
    yield from _cloudnative_pg(settings)
    yield from _operator(settings)


def _external(settings: Settings) -> Iterator[Problem]:
    for name, tier in (("data", settings.data), ("cache", settings.cache)):
        if tier.mode == "external" and tier.external is None:
            yield Problem(path=f"{name}.external", allowed=f"a server, as {name}.mode is external")
        if tier.mode != "external" and tier.external is not None:
            yield Problem(
                path=f"{name}.mode",
                found=repr(tier.mode),
                allowed=f"'external' where {name}.external is given",
            )


def _tls(settings: Settings) -> Iterator[Problem]:
    server = settings.data.external
    if server and (server.sslmode or "").startswith("verify-") and server.ca is None:
        yield Problem(
            path="data.external.ca",
            found="null",
            allowed=f"the authority's certificate, as data.external.sslmode is {server.sslmode}",
        )


def _cloudnative_pg(settings: Settings) -> Iterator[Problem]:
    data = settings.data
    if data.mode != "cloudnative-pg":
        for key in ("pooler", "wal_size"):
            if getattr(data, key) is not None:
                yield Problem(
                    path="data.mode",
                    found=repr(data.mode),
                    allowed=f"'cloudnative-pg' where data.{key} is given",
                )
        return
    if settings.target != "kubernetes":
        yield Problem(
            path="data.mode",
            found="'cloudnative-pg'",
            allowed="'builtin' or 'external': only target: kubernetes has operators",
        )
    wanted: tuple[ImageName, ...] = ("cloudnative-pg",)
    if data.pooler:
        wanted += ("pgbouncer",)
    for image in wanted:
        if settings.images.catalogue == "debian" and image not in settings.images.references:
            yield Problem(
                path=f"images.references.{image}",
                allowed="an image for the operator, as the debian catalogue has none",
            )
    for name in OPERATORS:
        existing = settings.kubernetes.secrets.get(name)
        if existing and existing.key != "password":
            yield Problem(
                path=f"kubernetes.secrets.{name}.key",
                found=repr(existing.key),
                allowed="'password', beside a key 'username': the operator reads both",
            )


def _operator(settings: Settings) -> Iterator[Problem]:
    wanted = settings.observability
    if wanted.mode != "operator":
        if "operator" in wanted.model_fields_set:
            yield Problem(
                path="observability.mode",
                found=repr(wanted.mode),
                allowed="'operator' where observability.operator is given",
            )
        return
    if settings.target != "kubernetes":
        yield Problem(
            path="observability.mode",
            found="'operator'",
            allowed="'builtin': only target: kubernetes has operators",
        )
    for key in OURS:
        if key in wanted.model_fields_set:
            yield Problem(
                path=f"observability.{key}",
                allowed="nothing, as observability.mode is operator: that is the business of the "
                "cluster's Prometheus and Alertmanager",
            )
    if wanted.grafana and wanted.operator.url is None:
        yield Problem(
            path="observability.operator.url",
            found="null",
            allowed="where Grafana finds the cluster's Prometheus, or observability.grafana: false",
        )
