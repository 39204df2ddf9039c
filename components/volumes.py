"""The data that a part mounts: volumes of its own, and volumes that exist already."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Volume:
    """Data that outlives the container.

    `keep` protects it: Pulumi refuses to remove the volume. `filled_by` is the step of the part
    that writes the volume, which the main container then mounts read-only. `foreign`: the image is
    not the platform's, so it may lack the directory, or have it for another user. `format` is what
    can read the data, such as `PostgreSQL 15`; a volume keeps its format. Data of another format
    gets a volume of another `generation`, which is part of its name on the target.
    """

    name: str
    path: str
    size: str
    keep: bool = True
    filled_by: str | None = None
    foreign: bool = False
    format: str | None = None
    # It is not part of the work of a job, whose volumes have names.
    generation: str | None = field(default=None, repr=False)

    @property
    def stored_as(self) -> str:
        """The name under which a target keeps it."""
        return f"{self.name}-{self.generation}" if self.generation else self.name

    @property
    def opened(self) -> bool:
        """Whether an engine must open the empty volume to the user that writes it."""
        return self.foreign or self.filled_by is not None


@dataclass(frozen=True, kw_only=True)
class ExistingVolume:
    """Data that the platform neither creates nor removes, and that the main container only reads.

    `claim` is its name on the target.
    """

    name: str
    path: str
    claim: str


@dataclass(frozen=True, kw_only=True)
class Mount:
    """Where one container of a part finds a volume of the part."""

    volume: str
    path: str
    read_only: bool = False
