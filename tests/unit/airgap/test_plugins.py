"""Plugins that this machine compiles, with fakes for the compiler and the Pulumi CLI."""

import shutil
from pathlib import Path

import pytest

from airgap import directories, go, plugins, toolchain
from airgap.plugins import PROVIDERS, PYTHON, Plugin

CLI = """\
#!/bin/sh
[ "$1 $2" = "plugin install" ] && [ "$6" = --file ] || exit 1
mkdir -p "$PULUMI_HOME/plugins" && cp -r "$7" "$PULUMI_HOME/plugins/$3-$4-v$5"
"""


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Pulumi CLI that installs plugins, and a compiler that writes empty programs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    monkeypatch.setattr(go, "find", lambda module: Path("go"))
    monkeypatch.setattr(go, "build", lambda *words, **options: words[3].touch())
    sdk = tmp_path / "sdk"
    (sdk / "python" / "cmd").mkdir(parents=True)
    (sdk / "python" / "cmd" / plugins.RUNNER).write_text("#!/bin/sh\n")
    monkeypatch.setattr(go, "module_folder", lambda module, other: sdk)
    program = tmp_path / "pulumi"
    program.write_text(CLI)
    program.chmod(0o755)
    return program


def install(cli: Path, *selection: Plugin) -> list[str]:
    """The lines that the installation of these plugins reports."""
    lines: list[str] = []
    plugins.ensure(selection, cli, lines.append)
    return lines


def test_a_plugin_is_compiled_once_and_every_report_names_its_version_and_folder(cli: Path) -> None:
    docker = PROVIDERS["docker"]
    installed = f"plugin docker {docker.version}: compiled, in {docker.folder}"
    assert install(cli, docker) == [
        f"compiling plugin docker {docker.version}; it takes minutes",
        installed,
    ]
    assert (docker.folder / "pulumi-resource-docker").exists()
    assert install(cli, docker) == [installed]


def test_a_change_of_its_source_compiles_a_plugin_again_and_older_versions_stay(
    cli: Path,
) -> None:
    random = PROVIDERS["random"]
    old_version = random.folder.with_name("resource-random-v1.0.0+compiled")
    old_version.mkdir(parents=True)
    install(cli, random)
    (random.folder / ".pulumi-resource-random-source").write_text("outdated")
    assert len(install(cli, random)) == 2
    assert random.current
    assert old_version.exists()


def test_the_language_host_comes_with_the_script_that_it_starts(cli: Path) -> None:
    install(cli, PYTHON)
    assert (PYTHON.folder / "pulumi-language-python").exists()
    assert (PYTHON.folder / plugins.RUNNER).stat().st_mode & 0o100


@pytest.mark.parametrize("name", ["docker", "random"])
def test_a_compiled_plugin_has_the_version_that_the_sdk_requires(name: str) -> None:
    requirements = (toolchain.CLI.module.parents[2] / "requirements.txt").read_text()
    assert f"pulumi-{name}=={PROVIDERS[name].version.removesuffix('+compiled')}\n" in requirements


@pytest.mark.parametrize("target", ["docker", "kubernetes"])
def test_each_target_needs_its_own_plugin_and_random(target: str) -> None:
    assert list(plugins.required(target)) == [target, "random"]


def test_official_plugins_are_those_in_the_users_pulumi_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in a shell that `make env` set up, where PULUMI_HOME is this project's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PULUMI_HOME", str(directories.own_pulumi_home()))
    monkeypatch.setenv("PULUMI_CREDENTIALS_PATH", str(tmp_path / "users"))
    version = plugins.sdk_version("docker")
    assert plugins.missing("docker")[0] == f"docker {version}"
    program = tmp_path / "users" / "plugins" / f"resource-docker-v{version}"
    program.mkdir(parents=True)
    shutil.copy("/bin/true", program / "pulumi-resource-docker")
    assert plugins.missing("docker") == (f"random {plugins.sdk_version('random')}",)
