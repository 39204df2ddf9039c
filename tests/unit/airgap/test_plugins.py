"""Plugins that this machine compiles, with fakes for the compiler and the CLI."""

import shutil
from pathlib import Path

import pytest

from airgap import go, places, plugins, toolchain
from airgap.plugins import PROVIDERS, PYTHON, Plugin

CLI = """\
#!/bin/sh
[ "$1 $2" = "plugin install" ] && [ "$6" = --file ] || exit 1
mkdir -p "$PULUMI_HOME/plugins" && cp -r "$7" "$PULUMI_HOME/plugins/$3-$4-v$5"
"""


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Pulumi CLI that installs plugins, and a compiler that makes empty programs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    monkeypatch.setattr(go, "find", lambda module: Path("go"))
    monkeypatch.setattr(go, "build", lambda *words, **options: words[3].touch())
    module = tmp_path / "sdk"
    (module / "python" / "cmd").mkdir(parents=True)
    (module / "python" / "cmd" / plugins.RUNNER).write_text("#!/bin/sh\n")
    monkeypatch.setattr(go, "module_folder", lambda ours, other: module)
    program = tmp_path / "pulumi"
    program.write_text(CLI)
    program.chmod(0o755)
    return program


def ensured(cli: Path, *chosen: Plugin) -> list[str]:
    said: list[str] = []
    plugins.ensure(chosen, cli, said.append)
    return said


def test_a_plugin_is_compiled_once_and_said_with_its_version_and_place(cli: Path) -> None:
    docker = PROVIDERS["docker"]
    said = f"plugin docker {docker.version}: compiled, in {docker.folder}"
    assert ensured(cli, docker) == [
        f"compiling plugin docker {docker.version}: minutes, once",
        said,
    ]
    assert (docker.folder / "pulumi-resource-docker").exists()
    assert ensured(cli, docker) == [said]


def test_a_plugin_whose_source_changed_is_compiled_again_and_older_versions_stay(
    cli: Path,
) -> None:
    random = PROVIDERS["random"]
    older = random.folder.with_name("resource-random-v1.0.0+compiled")
    older.mkdir(parents=True)
    ensured(cli, random)
    (random.folder / ".pulumi-resource-random-source").write_text("another")
    assert len(ensured(cli, random)) == 2
    assert random.current
    assert older.exists()


def test_the_language_host_is_installed_with_the_script_that_it_starts(cli: Path) -> None:
    ensured(cli, PYTHON)
    assert (PYTHON.folder / "pulumi-language-python").exists()
    assert (PYTHON.folder / plugins.RUNNER).stat().st_mode & 0o100


@pytest.mark.parametrize("name", ["docker", "random"])
def test_a_compiled_plugin_answers_for_the_version_that_the_sdk_asks_for(name: str) -> None:
    pinned = (toolchain.CLI.module.parents[2] / "requirements.txt").read_text()
    assert f"pulumi-{name}=={PROVIDERS[name].version.removesuffix('+compiled')}\n" in pinned


@pytest.mark.parametrize("target", ["docker", "kubernetes"])
def test_each_target_needs_its_own_plugin_and_random(target: str) -> None:
    assert list(plugins.wanted(target)) == [target, "random"]


def test_official_plugins_are_looked_for_where_the_user_keeps_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in a shell that `make env` has set up, where PULUMI_HOME is this project's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PULUMI_HOME", str(places.own_pulumi_home()))
    monkeypatch.setenv("PULUMI_CREDENTIALS_PATH", str(tmp_path / "users"))
    version = plugins.sdk_version("docker")
    assert plugins.missing("docker")[0] == f"docker {version}"
    program = tmp_path / "users" / "plugins" / f"resource-docker-v{version}"
    program.mkdir(parents=True)
    shutil.copy("/bin/true", program / "pulumi-resource-docker")
    assert plugins.missing("docker") == (f"random {plugins.sdk_version('random')}",)
