"""Programs that are built from their Go modules, once for each state of those."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from airgap import built, go

MODULES = Path(__file__).parent / "toolchain"


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program, from a package of one of the modules in the directories below toolchain/.

    `link` are options of the linker. `embedded` are files that the program embeds from another
    module: the path in our module, and the other module with the path in it.
    """

    name: str
    version: str
    directory: str
    package: str = "."
    link: str = ""
    embedded: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def module(self) -> Path:
        return MODULES / self.directory

    @property
    def source(self) -> str:
        """A digest of what decides about the program."""
        return built.digest(self.module, self.package, self.link, *go.TAGS)

    def build(self, folder: Path) -> Path:
        """Have the program in `folder`, built again where its source changed; returns its path.

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
        """Whether the program in `folder` was built from the present source."""
        stamp = self._stamp(folder)
        there = (folder / self.name).exists() and stamp.exists()
        return there and stamp.read_text() == self.source

    def _stamp(self, folder: Path) -> Path:
        return folder / f".{self.name}-source"
