"""Which source this machine uses: the official downloads, or builds from package registries.

The set-up step decides once.
"""

from dataclasses import dataclass
from typing import Literal

from airgap import availability, directories
from airgap.availability import Availability

Source = Literal["official", "compiled"]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What a stack uses; `reasons` explains in one sentence each what the set-up step will do."""

    plugins: Source
    catalogue: Literal["official", "debian"]
    reasons: tuple[str, ...]


def decide(missing_plugins: tuple[str, ...]) -> Sources:
    """Check this machine and choose. `missing_plugins` are the official plugins not installed."""
    return choose(availability.check(missing_plugins))


def choose(available: Availability) -> Sources:
    """Choose the official source of each thing where it is available."""
    plugins, plugins_reason = choose_plugins(
        available.missing_plugins, available.pulumi_site, bool(available.cli)
    )
    return Sources(
        plugins=plugins,
        catalogue="official" if available.registry else "debian",
        reasons=(
            _cli_reason(available),
            plugins_reason,
            "Docker Engine: an engine answers."
            if available.engine
            else "Docker Engine: no engine answers. This machine installs Debian's packages.",
            "Images: the registry answers. This machine uses the official images."
            if available.registry
            else "Images: the registry does not answer. This machine builds them from Debian's "
            "packages, without Grafana.",
        ),
    )


def _cli_reason(available: Availability) -> str:
    if available.cli:
        return f"Pulumi CLI: {available.cli} is on PATH."
    if available.pulumi_site:
        return "Pulumi CLI: not on PATH. This machine downloads it from Pulumi's site."
    return (
        "Pulumi CLI: not on PATH, and Pulumi's download site does not answer. "
        "This machine builds it from its Go module."
    )


def decide_plugins(missing: tuple[str, ...]) -> tuple[Source, str]:
    """Where plugins come from, and why, for stacks that need no other decision."""
    (site,) = availability.check_all(availability.pulumi_site_answers)
    return choose_plugins(missing, site, bool(availability.installed_cli()))


def choose_plugins(missing: tuple[str, ...], site: bool, cli: bool) -> tuple[Source, str]:
    """Choose the official plugins where they are available. `missing` are those not installed.

    Pulumi uses one PULUMI_HOME. Where this project's own one exists, because it holds a compiled
    plugin or the language host of a CLI that this machine built, all plugins are compiled.
    """
    names = ", ".join(missing)
    if directories.own_pulumi_home().exists():
        return "compiled", "Provider plugins: this machine compiles them from their Go modules."
    if not missing and (site or cli):
        return "official", "Provider plugins: the official ones are installed."
    if site:
        return "official", f"Provider plugins: Pulumi downloads the official ones ({names})."
    return "compiled", (
        "Provider plugins: Pulumi's download site does not answer. "
        "This machine compiles them from their Go modules."
    )
