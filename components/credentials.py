"""Names to secrets: the one place where a secret's name becomes its value."""

import pulumi
import pulumi_random as random

from components.text import Secret, Text


class Credentials:
    """The secrets of a stack, each made once and marked secret from then on.

    A secret of kept data is protected with it: one is useless without the other.
    """

    def __init__(self) -> None:
        self._values: dict[Secret, pulumi.Output[str]] = {}

    def value(self, secret: Secret) -> pulumi.Output[str]:
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

    @staticmethod
    def _generated(secret: Secret) -> pulumi.Output[str]:
        password = random.RandomPassword(
            secret.name,
            length=secret.length,
            special=False,
            opts=pulumi.ResourceOptions(protect=secret.keep),
        )
        return password.result
