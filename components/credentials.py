"""Names to secrets: the one place where a secret's name becomes its value."""

from collections.abc import Mapping

import pulumi
import pulumi_random as random

from components.settings.kubernetes import ExistingSecret
from components.text import Secret, Text


class Credentials:
    """The secrets of a stack, each made once and marked secret from then on.

    A secret of kept data is protected with it: one is useless without the other. Those that the
    cluster has already are known by name and key only. `random_plugin` is the version of the plugin
    that makes the others; None leaves it to the SDK.
    """

    def __init__(
        self,
        existing: Mapping[str, ExistingSecret] | None = None,
        random_plugin: str | None = None,
    ) -> None:
        self._existing = existing or {}
        self._random_plugin = random_plugin
        self._random: random.Provider | None = None
        self._values: dict[Secret, pulumi.Output[str]] = {}

    def existing(self, name: str | None) -> ExistingSecret | None:
        """Where the cluster has the secret, or the whole text, of this name."""
        return self._existing.get(name) if name else None

    def login(self, secret: Secret) -> pulumi.Input[str]:
        """What an operator signs in with: the value, or where to read it."""
        found = self.existing(secret.name)
        return f"key {found.key} of Secret {found.name}" if found else self.value(secret)

    def value(self, secret: Secret) -> pulumi.Output[str]:
        if self.existing(secret.name):
            raise ValueError(f"the value of {secret.name} is the cluster's: it is not to be had")
        if secret not in self._values:
            self._values[secret] = (
                self._generated(secret)
                if secret.given is None
                else pulumi.Output.secret(secret.given)
            )
        return self._values[secret]

    def fill(self, text: Text) -> pulumi.Input[str]:
        """The text with its secrets filled in: a secret, unless it holds none."""
        if not text.secrets:
            return text.template
        values = {secret.name: self.value(secret) for secret in text.secrets}
        return pulumi.Output.all(**values).apply(text.fill)

    def _generated(self, secret: Secret) -> pulumi.Output[str]:
        if self._random is None:
            version = pulumi.ResourceOptions(version=self._random_plugin)
            self._random = random.Provider("random", opts=version)
        password = random.RandomPassword(
            secret.name,
            length=secret.length,
            special=False,
            opts=pulumi.ResourceOptions(protect=secret.keep, provider=self._random),
        )
        return password.result
