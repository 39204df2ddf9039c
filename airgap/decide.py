"""What to use on this machine: the usual sources, or what package registries give.

Asked once, by the set-up step. `probe` looks, `choose` decides from what it saw.
"""

import http.client
import shutil
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from airgap import places
from airgap.command import succeeds

Source = Literal["official", "compiled"]

LIMIT = 3.0
"""Seconds that each question may take; all are asked at the same time."""

PULUMI_SITE = "https://get.pulumi.com/latest-version"
DOCKER_HUB = "https://registry-1.docker.io"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was found."""

    cli: str
    """Path of a `pulumi` on PATH that is not of our own building, or empty."""
    pulumi_site: bool
    missing_plugins: tuple[str, ...]
    """Official provider plugins that are not installed, as `docker 5.2.0`."""
    engine: bool
    registry: bool


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What the set-up step does; `reasons` says why, one sentence for each choice."""

    cli: Literal["installed", "download", "build"]
    plugins: Source
    engine: Literal["present", "install"]
    catalogue: Literal["official", "debian"]
    reasons: tuple[str, ...]


def decide(missing_plugins: tuple[str, ...], registry: str = DOCKER_HUB) -> Decision:
    """Look at this machine and choose.

    `missing_plugins` are the official plugins that are not installed; `registry` is the URL that
    images come from.
    """
    return choose(probe(missing_plugins, registry))


def choose(facts: Facts) -> Decision:
    """The usual source wherever there is one."""
    reasons = []
    cli: Literal["installed", "download", "build"]
    if facts.cli:
        cli = "installed"
        reasons.append(f"Pulumi CLI: {facts.cli} is on PATH.")
    elif facts.pulumi_site:
        cli = "download"
        reasons.append("Pulumi CLI: not on PATH, and Pulumi's download site answers.")
    else:
        cli = "build"
        reasons.append(
            "Pulumi CLI: not on PATH, and Pulumi's download site does not answer: "
            "built from its Go module."
        )

    plugins, reason = choose_plugins(facts.missing_plugins, facts.pulumi_site, bool(facts.cli))
    reasons.append(reason)
    reasons.append(
        "Docker Engine: it answers."
        if facts.engine
        else "Docker Engine: none answers: installed from Debian's packages."
    )
    reasons.append(
        "Images: the registry answers: official images."
        if facts.registry
        else "Images: the registry does not answer: built from Debian's packages, without Grafana."
    )
    return Decision(
        cli=cli,
        plugins=plugins,
        engine="present" if facts.engine else "install",
        catalogue="official" if facts.registry else "debian",
        reasons=tuple(reasons),
    )


def decide_plugins(missing: tuple[str, ...]) -> tuple[Source, str]:
    """Where plugins come from, and why, for stacks that need nothing else decided."""
    (site,) = together(pulumi_site_answers)
    return choose_plugins(missing, site, bool(installed_cli()))


def choose_plugins(missing: tuple[str, ...], site: bool, cli: bool) -> tuple[Source, str]:
    """The official plugins wherever they can be had. `missing` are those not installed.

    One PULUMI_HOME is in use: where it holds anything compiled, the language host of a CLI of our
    own building for one, all plugins are compiled.
    """
    names = ", ".join(missing)
    if places.own_pulumi_home().exists():
        return "compiled", "Provider plugins: this machine compiles them from their Go modules."
    if not missing and (site or cli):
        return "official", "Provider plugins: the official ones are installed."
    if site:
        return "official", f"Provider plugins: Pulumi downloads the official ones ({names})."
    return "compiled", (
        "Provider plugins: Pulumi's download site does not answer: compiled from their Go modules."
    )


def probe(missing_plugins: tuple[str, ...], registry: str = DOCKER_HUB) -> Facts:
    """Look, for at most about LIMIT seconds."""
    site, images, engine = together(
        pulumi_site_answers,
        # A registry greets with 200, or with 401 where it wants a login.
        lambda: status(f"{registry}/v2/") in (http.client.OK, http.client.UNAUTHORIZED),
        lambda: succeeds("docker", "info"),
    )
    return Facts(
        cli=installed_cli(),
        pulumi_site=site,
        missing_plugins=missing_plugins,
        engine=engine,
        registry=images,
    )


def together(*questions: Callable[[], bool]) -> tuple[bool, ...]:
    """Ask all at once; what has not been answered within LIMIT seconds is a no.

    In threads of their own because a look-up of a host name knows no time limit.
    """
    answers = [False] * len(questions)

    def ask(number: int) -> None:
        answers[number] = questions[number]()

    threads = [
        threading.Thread(target=ask, args=(number,), daemon=True)
        for number in range(len(questions))
    ]
    end = time.monotonic() + LIMIT
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return tuple(answers)


def status(url: str) -> int:
    """The HTTP status that a server answers with, or 0 where none answers."""
    try:
        with urllib.request.urlopen(url, timeout=LIMIT) as response:  # noqa: S310 (https, set above)
            return int(response.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except (OSError, http.client.HTTPException):
        return 0


def installed_cli() -> str:
    """A `pulumi` on PATH that did not come from our own cache."""
    found = shutil.which("pulumi")
    if found is None or Path(found).resolve().is_relative_to(places.cache().resolve()):
        return ""
    return found


def pulumi_site_answers() -> bool:
    return status(PULUMI_SITE) == http.client.OK
