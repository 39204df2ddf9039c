"""Rules about secrets: each is given once, by whom it may be, and known to whoever needs it."""

from collections.abc import Iterator
from difflib import get_close_matches

from components.settings.models import Settings
from components.settings.problems import Problem

WHERE = "kubernetes.secrets"


def broken(settings: Settings) -> Iterator[Problem]:
    """Every broken rule."""
    yield from _given(settings)
    existing = settings.kubernetes.secrets
    if existing and settings.target != "kubernetes":
        yield Problem(
            path=WHERE, found="a mapping", allowed="nothing: only target: kubernetes has Secrets"
        )
        return
    yield from _known(settings)
    yield from _variables(settings)


def names(settings: Settings) -> tuple[str, ...]:
    """What a stack has for secrets: those that are handed out alone, and whole URLs."""
    receiver = settings.observability.receiver
    own = settings.data.mode != "external"
    roles = ("", "-owner", "-app", "-monitor")
    found = [f"postgres{role}-password" for role in roles] if own else ["database-password"]
    found += (
        ["cache-password"]
        if settings.cache.mode == "external"
        else ["redis-app-password", "redis-monitor-password"]
    )
    found += ["api-token", "database-url", "cache-url"]
    if settings.observability.grafana:
        found.append("grafana-password")
    if receiver.webhook:
        found.append("alert-webhook-url")
    if receiver.mail and receiver.mail.user:
        found.append("alert-mail-password")
    return tuple(found)


def _given(settings: Settings) -> Iterator[Problem]:
    """The secrets of servers that are not ours: in the stack's configuration or in the cluster."""
    data, cache = settings.data.external, settings.cache.external
    receiver = settings.observability.receiver
    if data:
        needed = _asked(settings, "database")
        yield from _once(settings, "data.external.password", "database-password", data, needed)
    if cache:
        needed = _asked(settings, "cache")
        yield from _once(settings, "cache.external.password", "cache-password", cache, needed)
    if receiver.webhook:
        path = "observability.receiver.webhook.url"
        yield from _once(settings, path, "alert-webhook-url", receiver.webhook, True)
    if receiver.mail:
        path = "observability.receiver.mail.password"
        needed = receiver.mail.user is not None
        yield from _once(settings, path, "alert-mail-password", receiver.mail, needed)


def _once(
    settings: Settings, path: str, name: str, holder: object, needed: bool
) -> Iterator[Problem]:
    given = getattr(holder, path.rpartition(".")[2]) is not None
    existing = name in settings.kubernetes.secrets
    if given and existing:
        yield Problem(path=path, allowed=f"nothing, as {WHERE}.{name} names a Secret")
    if needed and not given and not existing:
        or_else = f", or a Secret: {WHERE}.{name}" if settings.target == "kubernetes" else ""
        yield Problem(path=path, allowed=f"a value: it is required{or_else}")


def _asked(settings: Settings, kind: str) -> bool:
    """Whether a service needs the password of a server: not where it has its whole URL."""
    asked = {
        each for service in settings.api.services.values() for each in service.credentials.values()
    }
    whole = f"{kind}-url" in settings.kubernetes.secrets
    return f"{kind}-password" in asked or (f"{kind}-url" in asked and not whole)


def _known(settings: Settings) -> Iterator[Problem]:
    known = names(settings)
    for name in settings.kubernetes.secrets:
        if name not in known:
            nearest = get_close_matches(name, known, n=1)
            yield Problem(
                path=f"{WHERE}.{name}",
                found="a secret that the stack has not",
                allowed=", ".join(sorted(known)),
                nearest=nearest[0] if nearest else None,
            )


def _variables(settings: Settings) -> Iterator[Problem]:
    """A URL that is composed in the pod is a file there, and never a variable."""
    existing = settings.kubernetes.secrets
    parts = {
        "database-url": "database-password" if settings.data.external else "postgres-app-password",
        "cache-url": "cache-password" if settings.cache.external else "redis-app-password",
    }
    for name, service in settings.api.services.items():
        if service.secrets_as == "file":
            continue
        for place, credential in service.credentials.items():
            part = parts.get(credential)
            if not place.startswith("/") and part in existing and credential not in existing:
                yield Problem(
                    path=f"api.services.{name}.secrets_as",
                    found="'env'",
                    allowed=f"'file' for {place}: the {credential} is composed in the pod, as "
                    f"{WHERE}.{part} is a part of it; or a Secret with the whole: "
                    f"{WHERE}.{credential}",
                )
