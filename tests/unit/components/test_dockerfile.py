"""What the platform reads from a Dockerfile."""

import pytest

from components.dockerfile import EVERYTHING, image_name, own_name, sources

UNDERSTOOD = {
    "COPY backend /app/backend": ("backend",),
    "ADD backend /app/backend": ("backend",),
    "copy a b /app/": ("a", "b"),
    "COPY --chown=1:1 --chmod=0644 --link a /app": ("a",),
    "COPY --from=build /app /app": (),
    "COPY --from=build --chown=1:1 /app /app": (),
    'COPY ["a b", "/app"]': ("a b",),
    'COPY --chown=1:1 ["a", "b", "/app/"]': ("a", "b"),
    "COPY a \\\n  b \\\n# A comment in between.\n\n  /app/": ("a", "b"),
    "COPY a \\ \t\n /app": ("a",),
    "COPY a /app\r\nCOPY b /app\r\n": ("a", "b"),
    "COPY a /app\nCOPY a /other": ("a",),
    "COPY ./a/ /b/../c /app/": EVERYTHING,
    "COPY ./a/ /b/c/ /app/": ("a", "b/c"),
    "COPY . /app": EVERYTHING,
    "COPY / /app": EVERYTHING,
    "COPY requirements.txt wheels/*.wh? /wheels/": ("requirements.txt", "wheels/*.wh?"),
    "COPY a $DESTINATION": ("a",),
    "ADD https://example.com/a.tar.gz a /app/": ("a",),
    "# syntax=docker/dockerfile:1\nFROM a\nCOPY a /app": ("a",),
    "# COPY a /app": (),
    "FROM a\nRUN make COPY=1\nCMD [\"true\"]": (),
    "": (),
}  # fmt: skip

NOT_UNDERSTOOD = [
    "COPY $SOURCE /app",
    "COPY a ../b /app/",
    "COPY **/a /app/",
    "COPY [ab] /app/",
    'COPY ["a", "/app"',
    'COPY ["a", 1]',
    'COPY "a" /app',
    "COPY a\\ b /app",
    "COPY a",
    "COPY",
    "COPY <<END /app/a\nx\nEND",
    "RUN --mount=type=bind,target=/source make",
    "RUN <<END\nx\nEND",
    "ONBUILD COPY . /app",
    "INCLUDE other",
    "# escape=`\nCOPY a `\n b /app",
    "# syntax=example/frontend:1\nCOPY a /app",
]


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_the_sources_are_the_paths_from_the_context(text: str) -> None:
    assert sources(text) == UNDERSTOOD[text]


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_an_unclear_dockerfile_may_copy_everything(text: str) -> None:
    assert sources(f"{text}\nCOPY c /app") == EVERYTHING


@pytest.mark.parametrize(
    ("context", "dockerfile", "name"),
    [
        ("images/services", "api.Dockerfile", "api"),
        ("images/services", "Dockerfile.api", "api"),
        ("images/web", "Dockerfile", "web"),
        ("images/web/", "./Dockerfile", "web"),
        ("images", "web/Dockerfile", "web"),
        ("images", "web/prod.Dockerfile", "prod"),
        (".", "Dockerfile", ""),
    ],
)
def test_an_image_is_named_after_its_dockerfile_or_its_directory(
    context: str, dockerfile: str, name: str
) -> None:
    assert image_name(context, dockerfile) == name


def test_a_plain_dockerfile_has_no_name_of_its_own() -> None:
    assert own_name("Dockerfile") is None
