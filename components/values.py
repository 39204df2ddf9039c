"""Turns the variables and files of a service, with their references, into the vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.addresses import Address
from components.cache.connection import CacheConnection
from components.container import File
from components.data.connection import DatabaseConnection
from components.settings import HttpService, Reference, Settings, pieces
from components.text import FORMS, Secret, Text, literal

# People sign in to the API with this token, and so does the backend to the decision service.
API_TOKEN = Secret(name="api-token", keep=True)


@dataclass(frozen=True, kw_only=True)
class Values:
    """The variables and files of a container. Those with secrets are kept apart."""

    env: Mapping[str, str]
    secret_env: Mapping[str, Text]
    files: tuple[File, ...]


def of(service: HttpService, meanings: Mapping[str, str | Text]) -> Values:
    """The values of a service. `meanings` are what its references stand for, by their names.

    Raises KeyError for a reference without a meaning; the settings' rules have refused it before.
    """
    env, secret_env = variables(service.env, meanings)
    return Values(
        env=env,
        secret_env=secret_env,
        files=tuple(
            File(path=path, content=resolve(content, meanings))
            for path, content in service.files.items()
        ),
    )


def variables(
    env: Mapping[str, str], meanings: Mapping[str, str | Text]
) -> tuple[dict[str, str], dict[str, Text]]:
    """The plain variables, and those with secrets."""
    texts = {name: resolve(value, meanings) for name, value in env.items()}
    plain = {name: text.template for name, text in texts.items() if not text.secrets}
    return plain, {name: text for name, text in texts.items() if text.secrets}


def resolve(value: str, meanings: Mapping[str, str | Text]) -> Text:
    """The text of a value. One that is a single reference is that reference's own text, which a
    Secret of the cluster may hold as a whole."""
    parts = [
        _meaning(piece, meanings) if isinstance(piece, Reference) else piece
        for piece in pieces(value)
    ]
    if len(parts) == 1 and isinstance(parts[0], Text):
        return parts[0]
    secrets = tuple(
        dict.fromkeys(secret for part in parts if isinstance(part, Text) for secret in part.secrets)
    )
    if not secrets:
        return Text(template="".join(map(str, parts)))
    return Text(
        template="".join(
            part.template if isinstance(part, Text) else literal(part) for part in parts
        ),
        secrets=secrets,
    )


def _meaning(reference: Reference, meanings: Mapping[str, str | Text]) -> str | Text:
    meaning = meanings[reference.name]
    if reference.form is None:
        return meaning
    if isinstance(meaning, str):
        return FORMS[reference.form](meaning)
    (secret,) = meaning.secrets
    return Text(template=f"${{{secret.name}:{reference.form}}}", secrets=meaning.secrets)


def meanings(
    settings: Settings, database: DatabaseConnection | None, cache: CacheConnection
) -> dict[str, str | Text]:
    """What the references of a service stand for, by their names."""
    values: dict[str, str | Text] = {
        "cache.url": cache.url,
        "cache.host": cache.host,
        "cache.port": str(cache.port),
        "cache.user": cache.user,
        "cache.password": cache.password.text,
        "api-token": API_TOKEN.text,
    }
    if database:
        values |= {
            "database.url": database.url,
            "database.host": database.host,
            "database.port": str(database.port),
            "database.name": database.database,
            "database.user": database.user,
            "database.password": database.password.text,
            "database.connections": str(database.connections),
        }
    for secret in user_secrets(settings):
        values[secret.name] = secret.text
    for name, service in settings.api.services.items():
        address = Address(workload=name, port=service.port)
        values |= {
            f"service.{name}.url": address.url(),
            f"service.{name}.host": address.host,
            f"service.{name}.port": str(address.port),
        }
    return values


def user_secrets(settings: Settings) -> list[Secret]:
    """The user's own secrets: with a value, generated, or of the cluster.

    A generated secret may encrypt data, so it is protected like data.
    """
    own = [
        Secret(
            name=f"secret.{name}",
            value=value.get_secret_value() if value else None,
            keep=value is None,
        )
        for name, value in settings.secrets.items()
    ]
    existing = [
        Secret(name=name) for name in settings.kubernetes.secrets if name.startswith("secret.")
    ]
    return [*own, *existing]
