"""Paths inside a container, and which of them may not hide each other."""

import pytest

from components.settings import normal
from tests.unit.components.settings.refusals import REPORTS, paths_on_both, refusal, service


@pytest.mark.parametrize(
    ("path", "resolved"),
    [("/", "/"), ("//a", "/a"), ("/a/", "/a"), ("/a//b/./c/..", "/a/b"), ("/..", "/")],
)
def test_a_path_is_resolved_as_the_kernel_resolves_it(path: str, resolved: str) -> None:
    assert normal(path) == resolved


@pytest.mark.parametrize(
    "writable",
    [[], ["/tmp", "/srv/cache"], ["/opt", "/opt/cache"], ["/run", "/var/cache"], ["/dev/shm"]],
)
def test_writable_paths_may_be_beside_and_inside_each_other(writable: list[str]) -> None:
    assert paths_on_both(service(writable=writable)) == []
    assert paths_on_both({"web": {"frontend": {"writable": writable}}}) == []


@pytest.mark.parametrize(
    "path", ["/", "//", "/.", "/tmp/..", "/proc", "/proc/self", "/sys", "/dev"]
)
def test_the_root_and_the_kernels_directories_cannot_be_writable(path: str) -> None:
    assert paths_on_both(service(writable=["/tmp", path])) == [f"{REPORTS}.writable.1"]
    assert paths_on_both(service(data_volume={"path": path})) == [f"{REPORTS}.data_volume.path"]


@pytest.mark.parametrize("path", ["/usr", "/bin/", "/usr/lib"])
def test_the_directories_with_an_images_programs_cannot_be_writable(path: str) -> None:
    assert paths_on_both(service(writable=[path])) == [f"{REPORTS}.writable.0"]


@pytest.mark.parametrize("path", ["/app", "/app/backend", "/app/venv/bin", "/app/../app"])
def test_a_directory_cannot_hide_the_program_of_our_image(path: str) -> None:
    backend = {"api": {"services": {"backend": {"writable": ["/tmp", path]}}}}
    assert paths_on_both(backend) == ["api.services.backend.writable.1"]
    assert "hide the image's program in /app/" in refusal(backend)
    volume = {"api": {"services": {"backend": {"writable": [], "data_volume": {"path": path}}}}}
    assert paths_on_both(volume) == ["api.services.backend.data_volume.path"]
    assert paths_on_both(service(writable=[path])) == []


@pytest.mark.parametrize("path", ["/srv", "/srv/web/assets", "/etc", "/etc/nginx"])
def test_a_directory_cannot_hide_our_page(path: str) -> None:
    assert paths_on_both({"web": {"frontend": {"writable": [path]}}}) == ["web.frontend.writable.0"]
    own = {"web": {"frontend": {"image": "acme/page:1", "writable": [path]}}}
    assert paths_on_both(own) == []


def test_a_relative_path_is_rejected() -> None:
    assert paths_on_both(service(writable=["tmp"])) == [f"{REPORTS}.writable.0"]


@pytest.mark.parametrize("again", ["/tmp", "/tmp/", "//tmp", "/tmp/.", "/srv/../tmp"])
def test_a_writable_path_cannot_be_listed_twice(again: str) -> None:
    assert paths_on_both(service(writable=["/tmp", again])) == [f"{REPORTS}.writable.1"]
    assert paths_on_both({"web": {"frontend": {"writable": ["/tmp", again]}}}) == [
        "web.frontend.writable.1"
    ]


def test_the_run_directory_has_two_names() -> None:
    assert paths_on_both(service(writable=["/run", "/var/run/"])) == [f"{REPORTS}.writable.1"]


@pytest.mark.parametrize("path", ["/run", "/var/run", "/run/secrets/", "/run/secrets/api-token/x"])
def test_a_writable_path_cannot_hide_a_credential(path: str) -> None:
    token = {"/run/secrets/api-token": "${api-token}"}
    assert paths_on_both(service(writable=[path], files=token)) == [f"{REPORTS}.writable.0"]
    message = refusal(service(writable=[path], files=token))
    assert (
        f"{REPORTS}.writable.0\n  found    '{path}'\n  allowed  a directory that does not "
        f"hide /run/secrets/api-token, which the platform mounts" in message
    )


def test_a_volumes_path_may_be_among_the_writable_paths() -> None:
    assert paths_on_both(service(writable=["/tmp", "/app/data/"], data_volume={})) == []


@pytest.mark.parametrize(
    ("one", "other", "right"),
    [("/etc/a", "/etc/b", True), ("/etc/a", "/etc/ab", True), ("/etc/a", "/etc/a/b", False)],
)
def test_a_file_cannot_be_below_another_file(one: str, other: str, right: bool) -> None:
    wrong = [] if right else [f"{REPORTS}.files"]
    assert paths_on_both(service(files={one: "x", other: "x"})) == wrong


@pytest.mark.parametrize("path", ["/run/ai-platform", "/var/run/ai-platform/x"])
def test_the_directory_of_the_platforms_programs_is_reserved(path: str) -> None:
    assert paths_on_both(service(writable=[path])) == [f"{REPORTS}.writable.0"]
    assert paths_on_both(service(data_volume={"path": path})) == [f"{REPORTS}.data_volume.path"]
    assert paths_on_both(service(files={path: "x"})) == [f"{REPORTS}.files"]
    page = {"web": {"frontend": {"writable": [path]}}}
    assert paths_on_both(page) == ["web.frontend.writable.0"]
    socket = {"web": {"frontend": {"status_socket": f"{path}/s"}}}
    assert paths_on_both(socket) == ["web.frontend.status_socket"]
