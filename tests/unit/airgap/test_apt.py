"""Debian packages on this machine."""

import os
import shutil

import pytest

from airgap import apt
from airgap.command import AirgapError


def test_an_install_waits_for_another_apt_process(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(apt, "run", lambda *words, **_: commands.append(words))
    apt.install("runc", "containerd")
    assert commands == [
        ("apt-get", "update", "-q"),
        (
            *("apt-get", "install", "-qy", "--no-install-recommends"),
            *("-o", "DPkg::Lock::Timeout=60", "runc", "containerd"),
        ),
    ]


@pytest.mark.parametrize(
    ("apt_get", "user", "message"),
    [
        (None, 0, "this machine has no apt-get"),
        ("/usr/bin/apt-get", 1000, "install it as root: apt-get install runc"),
    ],
)
def test_an_error_says_what_to_do_where_apt_or_root_is_missing(
    monkeypatch: pytest.MonkeyPatch, apt_get: str | None, user: int, message: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: apt_get)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    with pytest.raises(AirgapError, match=message):
        apt.install("runc")
