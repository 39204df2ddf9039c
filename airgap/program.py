"""Programs that are built from their Go modules, and built again when their source changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from airgap import go
from components.source_digest import digest

MODULES = Path(__file__).parent / "toolchain"


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program, from a package of the module in a directory of toolchain/, or of `root`.

    `link` holds options of the linker. `embedded` maps a path in our module to the file of another
    module that the program embeds there: the other module and the path in it.
    """

    name: str
    version: str
    directory: str
    root: Path = MODULES
    package: str = "."
    link: str = ""
    embedded: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def module(self) -> Path:
        return self.root / self.directory

    @property
    def source(self) -> str:
        """A digest of everything that the program is built from."""
        return digest(self.module, self.package, self.link, *go.TAGS)

    def build(self, folder: Path) -> Path:
        """Build the program in `folder`, unless it is up to date there; return its path.

        Raises AirgapError with the compiler's last lines.
        """
        target = folder / self.name
        if not self.current(folder):
            target.unlink(missing_ok=True)
            go.build(
                go.find(self.module),
                self.module,
                self.package,
                target,
                link=self.link,
                embedded=self.embedded,
            )
            self._stamp(folder).write_text(self.source)
        return target

    def current(self, folder: Path) -> bool:
        """Whether the program in `folder` was built from the current source."""
        stamp = self._stamp(folder)
        complete = (folder / self.name).exists() and stamp.exists()
        return complete and stamp.read_text() == self.source

    def _stamp(self, folder: Path) -> Path:
        return folder / f".{self.name}-source"
