"""A service's model files: a volume that a step fills before the service starts, or a claim.

The name of the volume contains a digest of how it is filled. A new way to fill it therefore means a
new volume beside the old one, and the service never sees a mixture of two models.
"""

import hashlib
import json
from collections.abc import Mapping

from components import values
from components.catalogue import Catalogue
from components.container import Identity, Image, Resources, Step
from components.settings import Fill, Models, Service, normal
from components.text import Text
from components.volumes import ExistingVolume, Volume

DIGITS = 10
SCRATCH = "/tmp"
# A file in the volume says that the volume is complete. The script uses what the shell itself has.
MARKER = ".filled"
SCRIPT = """\
if [ -e "$0" ]; then
    echo "the models are complete; nothing to do"
    exit 0
fi
"$@" || exit
: > "$0"
"""


def volumes(name: str, service: Service) -> tuple[Volume, ...]:
    """The volume of the service's own; it can be filled again, so nothing protects it."""
    models = service.models
    if models is None or models.fill is None or models.size is None:
        return ()
    volume = f"{name}-models-{_digest(service, models.fill)}"
    return (
        Volume(
            name=volume, path=models.path, size=models.size, keep=False, filled_by=_step_name(name)
        ),
    )


def existing(name: str, service: Service) -> tuple[ExistingVolume, ...]:
    models = service.models
    if models is None or models.claim is None:
        return ()
    return (ExistingVolume(name=f"{name}-models", path=models.path, claim=models.claim),)


def steps(
    name: str,
    service: Service,
    catalogue: Catalogue,
    resources: Resources,
    meanings: Mapping[str, str | Text],
) -> tuple[Step, ...]:
    """The step that fills the volume, with the limits of the service. `meanings` are what the
    references of its variables stand for, by their names."""
    models = service.models
    if models is None or models.fill is None:
        return ()
    fill = models.fill
    env, secret_env = values.variables(fill.env, meanings)
    return (
        Step(
            name=_step_name(name),
            image=_image(service, fill, catalogue),
            entrypoint=("/bin/sh", "-c", SCRIPT, f"{models.path.rstrip('/')}/{MARKER}"),
            command=tuple(fill.command),
            env=env,
            secret_env=secret_env,
            scratch=_scratch(models),
            resources=resources,
            limit=fill.timeout,
            asked_by=f"api.services.{name}.models.fill",
        ),
    )


def _step_name(name: str) -> str:
    return f"{name}-models-fill"


def _image(service: Service, fill: Fill, catalogue: Catalogue) -> Image:
    uid, gid = _user(service, fill).split(":")
    return Image(
        reference=catalogue.mirrored(fill.image), identity=Identity(uid=int(uid), gid=int(gid))
    )


def _user(service: Service, fill: Fill) -> str:
    return fill.user or service.user


def _digest(service: Service, fill: Fill) -> str:
    """Digits that change with the content of the volume and with the owner of its files.

    A secret in a variable is a reference here, so a new value of it fills nothing again.
    """
    recipe = [fill.image, fill.command, fill.env, _user(service, fill)]
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:DIGITS]


def _scratch(models: Models) -> tuple[str, ...]:
    return () if normal(models.path) == SCRATCH else (SCRATCH,)
