"""`pulumi-resource-random`: passwords, strings and identifiers, made once and then kept."""

from __future__ import annotations

import base64
import secrets
import string
import sys

from airgap.plugins import stubs
from airgap.plugins.checks import Failure, without_defaults
from airgap.plugins.install import VERSIONS
from airgap.plugins.resource import Failed, Live, Log, Resource
from airgap.plugins.schema import Field, Kind, Table
from airgap.plugins.values import UNKNOWN, Properties, Secret

SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
"""The official plugin's special characters."""
CLASSES = (
    ("special", "minSpecial", SPECIAL),
    ("lower", "minLower", string.ascii_lowercase),
    ("upper", "minUpper", string.ascii_uppercase),
    ("numeric", "minNumeric", string.digits),
)
BCRYPT_COST = 10
BCRYPT_LIMIT = 72
"""Bytes of a password that bcrypt looks at."""

TEXT_FIELDS = (
    Field(name="length", kind=Kind.NUMBER, replaces=True, required=True),
    Field(name="keepers", kind=Kind.MAP, replaces=True),
    Field(name="overrideSpecial", replaces=True, computed=True),
    Field(name="number", kind=Kind.FLAG, replaces=True, computed=True),
    *(Field(name=name, kind=Kind.FLAG, replaces=True, computed=True) for name, _, _ in CLASSES),
    *(Field(name=least, kind=Kind.NUMBER, replaces=True, computed=True) for _, least, _ in CLASSES),
)


class Kept(Resource):
    """Made once: nothing about it changes in place, and only the state knows it."""

    detailed_diff = False
    results: tuple[str, ...]

    def check(self, news: Properties) -> tuple[Properties, list[Failure]]:
        inputs, failures = super().check(news)
        return without_defaults(inputs), failures

    def preview_create(self, inputs: Properties) -> Properties:
        return inputs | dict.fromkeys(self.results, UNKNOWN)

    def read(self, live: Live) -> Live:
        return live

    def update(self, live: Live, news: Properties, log: Log) -> Properties:
        return live.outputs | news

    def delete(self, live: Live) -> None:
        return


class RandomString(Kept):
    table = Table(
        token="random:index/randomString:RandomString",
        fields=TEXT_FIELDS,
        outputs={},
        delete_first=False,
    )
    results = ("id", "result")

    def create(self, inputs: Properties, log: Log) -> Live:
        outputs = complete(inputs)
        result = random_text(outputs)
        return Live(
            result, outputs | {"__meta": '{"schema_version":"2"}', "id": result, "result": result}
        )


class RandomPassword(Kept):
    table = Table(
        token="random:index/randomPassword:RandomPassword",
        fields=TEXT_FIELDS,
        outputs={},
        delete_first=False,
    )
    results = ("id", "result", "bcryptHash")

    def preview_create(self, inputs: Properties) -> Properties:
        return super().preview_create(inputs) | {
            "result": Secret(UNKNOWN),
            "bcryptHash": Secret(UNKNOWN),
        }

    def create(self, inputs: Properties, log: Log) -> Live:
        import bcrypt  # only a creation needs it; a preview starts faster without

        outputs = complete(inputs)
        result = random_text(outputs)
        salt = bcrypt.gensalt(BCRYPT_COST, prefix=b"2a")
        hashed = bcrypt.hashpw(result.encode()[:BCRYPT_LIMIT], salt).decode()
        return Live(
            "none",
            outputs
            | {"__meta": '{"schema_version":"3"}', "id": "none"}
            | {"result": Secret(result), "bcryptHash": Secret(hashed)},
        )


class RandomId(Kept):
    table = Table(
        token="random:index/randomId:RandomId",
        fields=(
            Field(name="byteLength", kind=Kind.NUMBER, replaces=True, required=True),
            Field(name="keepers", kind=Kind.MAP, replaces=True),
            Field(name="prefix", replaces=True),
        ),
        outputs={},
        delete_first=False,
    )
    results = ("id", "b64Std", "b64Url", "dec", "hex")

    def create(self, inputs: Properties, log: Log) -> Live:
        data = secrets.token_bytes(inputs["byteLength"])
        prefix = inputs.get("prefix", "")
        plain = base64.urlsafe_b64encode(data).rstrip(b"=").decode()
        forms = {
            "b64Std": base64.b64encode(data).decode(),
            "b64Url": plain,
            "dec": str(int.from_bytes(data)),
            "hex": data.hex(),
        }
        named = {name: prefix + text for name, text in forms.items()}
        return Live(plain, inputs | named | {"id": plain})


def complete(inputs: Properties) -> Properties:
    """The inputs with every class of characters decided: all are in unless left out by name."""
    outputs: Properties = {}
    for name, least, _ in CLASSES:
        outputs |= {name: inputs.get(name, True), least: inputs.get(least, 0)}
    outputs["numeric"] = inputs.get(
        "numeric", inputs.get("number", True)
    )  # `number` is its old name
    return outputs | inputs | {"numeric": outputs["numeric"], "number": outputs["numeric"]}


def random_text(rules: Properties) -> str:
    """A text of the rules' length that holds at least as many of each class as they say."""
    classes = [
        (rules.get("overrideSpecial") or alphabet if name == "special" else alphabet, rules[least])
        for name, least, alphabet in CLASSES
        if rules[name]
    ]
    least_length = sum(least for _, least in classes)
    if not classes or rules["length"] < least_length:
        raise Failed(
            f"no text of length {rules['length']} holds {least_length} required characters"
        )
    characters = [secrets.choice(alphabet) for alphabet, least in classes for _ in range(least)]
    everything = "".join(alphabet for alphabet, _ in classes)
    characters += [secrets.choice(everything) for _ in range(rules["length"] - len(characters))]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)


def main() -> None:
    stubs.without_sdk()
    from airgap.plugins.provider import Provider
    from airgap.plugins.server import Plugin, serve

    plugin = Plugin(name="random", version=VERSIONS["random"])
    resources = (RandomPassword(), RandomString(), RandomId())
    serve(sys.argv[1], lambda log: Provider(plugin, resources, log))


if __name__ == "__main__":
    main()
