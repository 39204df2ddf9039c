"""Rules about secrets: each is either in the settings or in a Secret of the cluster."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import SecretStr

from components.settings import backup, references
from components.settings import receiver as receivers
from components.settings.offsite import OFFSITE_SECRETS
from components.settings.problems import Problem
from components.settings.references import SECRET, Reference

if TYPE_CHECKING:
    from components.settings.stack import Settings

PATH = "kubernetes.secrets"


def revealed(value: SecretStr | None) -> str | None:
    """The value of a secret; None for a secret that is not set."""
    return value.get_secret_value() if value else None


def rules(settings: "Settings") -> Iterator[Problem]:
    yield from _servers(settings)
    yield from _receiver(settings)
    yield from _offsite(settings)
    if settings.kubernetes.secrets and settings.target != "kubernetes":
        yield Problem(
            path=PATH, found="a mapping", allowed="no value: only target: kubernetes has Secrets"
        )
    for name, value in settings.secrets.items():
        if value is not None and not value.get_secret_value():
            yield Problem(
                path=f"secrets.{name}",
                found="an empty value",
                allowed="a value; `null` lets the platform generate one",
            )
        if f"{SECRET}{name}" in settings.kubernetes.secrets:
            yield Problem(
                path=f"secrets.{name}",
                allowed=f"no value, because {PATH}.{SECRET}{name} names a Secret",
            )


def _servers(settings: "Settings") -> Iterator[Problem]:
    data, cache = settings.data.external, settings.cache.external
    if data:
        required = _services_need(settings, "database")
        path = "data.external.password"
        yield from _once(settings, path, data.password, "database-password", required)
    if cache:
        required = _services_need(settings, "cache")
        path = "cache.external.password"
        yield from _once(settings, path, cache.password, "cache-password", required)


def _receiver(settings: "Settings") -> Iterator[Problem]:
    by_name = settings.observability.receiver.by_name if settings.observability.receiver else {}
    for receiver, channels in by_name.items():
        path, webhook, mail = receivers.path(receiver), channels.webhook, channels.mail
        if webhook:
            name = receivers.alert_name(receiver, "webhook-url")
            yield from _once(settings, f"{path}.webhook.url", webhook.url, name, True)
        if mail:
            name, required = receivers.alert_name(receiver, "mail-password"), mail.user is not None
            yield from _once(settings, f"{path}.mail.password", mail.password, name, required)


def _offsite(settings: "Settings") -> Iterator[Problem]:
    offsite = settings.data.backup.offsite if settings.data.backup else None
    if offsite and settings.data.mode != "external":
        for key, name in OFFSITE_SECRETS.items():
            path = f"{backup.PATH}.offsite.{key}"
            required = key != "passphrase" or backup.encrypted(settings)
            yield from _once(settings, path, getattr(offsite, key), name, required)


def _once(
    settings: "Settings", path: str, value: SecretStr | None, name: str, required: bool
) -> Iterator[Problem]:
    """A secret is in the settings, or in a Secret of the cluster, but not in both."""
    existing = name in settings.kubernetes.secrets
    if value is not None and existing:
        yield Problem(path=path, allowed=f"no value, because {PATH}.{name} names a Secret")
    if required and value is None and not existing:
        alternative = f", or a Secret: {PATH}.{name}" if settings.target == "kubernetes" else ""
        yield Problem(path=path, allowed=f"a value: it is required{alternative}")


def _services_need(settings: "Settings", server: str) -> bool:
    """Whether a service needs the server's password; not if a Secret contains its whole URL."""
    url, password = f"{server}.url", f"{server}.password"
    whole = f"{server}-url" in settings.kubernetes.secrets
    for service in settings.http_services.values():
        for value in service.values.values():
            pieces = list(references.pieces(value))
            names = {piece.name for piece in pieces if isinstance(piece, Reference)}
            alone = whole and len(pieces) == 1
            if password in names or (url in names and not alone):
                return True
    return False
