"""Turns the names of secrets into their values. No other module does."""

from collections.abc import Mapping

import pulumi
import pulumi_random as random

from components.settings import ExistingSecret, Settings
from components.text import Secret, Text


class Secrets:
    """The secrets of a stack. Each is generated once, and its value is marked secret from then on.

    A secret of kept data is protected together with the data, which is useless without it. If the
    cluster already has a secret, only its Secret and key are known here.
    """

    def __init__(self, settings: Settings) -> None:
        self._existing: Mapping[str, ExistingSecret] = settings.kubernetes.secrets
        self._random_plugin = settings.plugins.random
        self._random: random.Provider | None = None
        self._values: dict[Secret, pulumi.Output[str]] = {}

    def existing(self, name: str | None) -> ExistingSecret | None:
        """The Secret and key on the cluster for the secret, or for the whole text, of this name."""
        return self._existing.get(name) if name else None

    def login(self, secret: Secret) -> pulumi.Input[str]:
        """What an operator signs in with: the value, or where to read it."""
        existing = self.existing(secret.name)
        if existing:
            return f"key {existing.key} of Secret {existing.name}"
        return self.value(secret)

    def value(self, secret: Secret) -> pulumi.Output[str]:
        if self.existing(secret.name):
            raise ValueError(f"the value of {secret.name} is on the cluster; Pulumi never reads it")
        if secret not in self._values:
            self._values[secret] = (
                self._generated(secret)
                if secret.value is None
                else pulumi.Output.secret(secret.value)
            )
        return self._values[secret]

    def fill(self, text: Text) -> pulumi.Input[str]:
        """The text with the values of its secrets. The result is secret if the text contains
        secrets."""
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
