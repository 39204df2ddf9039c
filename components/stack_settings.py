"""The settings of the stack that Pulumi runs, and the lock file of this tree."""

from collections.abc import Mapping

import pulumi

from components import image_lock, settings
from components.plain_files import ROOT
from components.settings import Settings, SettingsError
from components.stack_name import name_in_commands


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
            stack=name_in_commands(),
        )
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
    if overlay.exists():
        pulumi.log.info(f"{overlay.name} is applied over the stack file")
    return loaded


def digests(loaded: Settings) -> Mapping[str, str]:
    """The lock file's digests. RunError says why the file does not fit this tree's images."""
    try:
        return image_lock.digests(loaded, image_lock.PATH)
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
