"""The settings of the stack that Pulumi runs, and the lock file of this tree."""

from collections.abc import Mapping

import pulumi

from components import image_lock, settings
from components.plain_files import ROOT
from components.settings import Settings, SettingsError, Upgrade
from components.stack_name import name_in_commands


def load(under_way: Upgrade | None = None) -> Settings:
    """The settings of the current stack. RunError lists every problem of its file and its overlay.

    While an upgrade is under way, the stack still has the version of its present data.
    """
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
    if under_way is None:
        return loaded
    if loaded.data.version != under_way.to:
        raise pulumi.RunError(f"data.version is {loaded.data.version} and not {under_way.to}")
    return settings.of_version(loaded, under_way.before)


def digests(loaded: Settings) -> Mapping[str, str]:
    """The lock file's digests. RunError says why the file does not fit this tree's images."""
    try:
        return image_lock.digests(loaded, image_lock.PATH)
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
