"""What an image is built from: a directory of the repository, and a Dockerfile in it."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from components.settings.base import Model
from components.settings.problems import Problem, nearest

ROOT = Path(__file__).parents[2]


class BuildContext(Model):
    """What an image is built from. A directory alone is short for a `Dockerfile` in it."""

    EXAMPLE = """
        config:
          ai-platform:api:
            services:
              backend:
                build:                    # images of one directory, with a Dockerfile each
                  context: images/services
                  dockerfile: api.Dockerfile
          ai-platform:web:
            frontend:
              build: images/web           # short for images/web with the file `Dockerfile`
    """

    context: str = Field(
        description="The directory whose files the Dockerfile may copy, relative to the project's "
        "root."
    )
    dockerfile: str = Field(
        "Dockerfile",
        description="The Dockerfile, relative to `context`. `make images` names the image after "
        "it: `api` for `api.Dockerfile`, and the directory's name for a plain `Dockerfile`.",
    )


def _build_context(value: Any) -> Any:
    """`build: images/web` is short for that directory with a file `Dockerfile`."""
    return {"context": value} if isinstance(value, str) else value


BuildSetting = Annotated[
    BuildContext, BeforeValidator(_build_context, json_schema_input_type=str | BuildContext)
]


def rules(path: str, build: BuildContext) -> Iterator[Problem]:
    """`path` is the dotted path of the `build` setting, which may be a directory alone."""
    context = ROOT / build.context
    recipe = f"{build.context}/{build.dockerfile}"
    if not _inside(ROOT, build.context):
        yield Problem(
            path=path,
            found=repr(build.context),
            allowed="a directory inside the repository, relative to the project's root",
        )
    elif not context.is_dir():
        yield Problem(
            path=path,
            found=repr(build.context),
            allowed="a directory that exists, relative to the project's root",
            nearest=nearest(build.context, _directories(context.parent)),
        )
    elif not _inside(context, build.dockerfile):
        yield Problem(
            path=path,
            found=repr(build.dockerfile),
            allowed=f"a Dockerfile inside {build.context}, relative to that directory",
        )
    elif not (ROOT / recipe).is_file():
        files = (f"{build.context}/{file.name}" for file in context.glob("*[Dd]ockerfile*"))
        yield Problem(
            path=path,
            found=repr(recipe),
            allowed=f"a Dockerfile that exists in {build.context}",
            nearest=nearest(recipe, files),
        )


def _inside(directory: Path, path: str) -> bool:
    """Whether a relative path, with its links followed, stays inside a directory."""
    inside = (directory / path).resolve().is_relative_to(directory.resolve())
    return inside and not PurePosixPath(path).is_absolute()


def _directories(parent: Path) -> list[str]:
    """The directories beside one that does not exist, by their paths from the root."""
    if not parent.is_dir():
        return []
    return [str(path.relative_to(ROOT)) for path in parent.iterdir() if path.is_dir()]
