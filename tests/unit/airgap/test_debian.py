"""Debian packages on this machine."""

import os
import shutil

import pytest

from airgap import debian
from airgap.command import AirgapError


def test_an_install_waits_for_another_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(debian, "run", lambda *words, **_: asked.append(words))
    debian.install("runc", "containerd")
    assert asked == [
        ("apt-get", "update", "-q"),
        (
            *("apt-get", "install", "-qy", "--no-install-recommends"),
            *("-o", "DPkg::Lock::Timeout=60", "runc", "containerd"),
        ),
    ]


@pytest.mark.parametrize(
    ("apt", "user", "said"),
    [
        (None, 0, "this machine has no apt-get"),
        ("/usr/bin/apt-get", 1000, "install it as root: apt-get install runc"),
    ],
)
def test_where_nothing_can_be_installed_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, apt: str | None, user: int, said: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: apt)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    with pytest.raises(AirgapError, match=said):
        debian.install("runc")
