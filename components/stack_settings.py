"""The settings of the stack that Pulumi runs."""

import pulumi

from components import settings
from components.plain_files import ROOT
from components.settings import Settings, SettingsError


def load() -> Settings:
    """The settings of the current stack. RunError lists every problem of its file and its
    overlay."""
    overlay = settings.overlay_path(ROOT, pulumi.get_stack())
    try:
        loaded = settings.load(
            pulumi.runtime.get_config_env(),
            frozenset(pulumi.runtime.get_config_secret_keys_env()),
            overlay,
            settings.machine_file(),
        )
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
    if overlay.exists():
        pulumi.log.info(f"{overlay.name} is applied over the stack file")
    return loaded
