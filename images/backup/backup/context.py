"""What every command works with."""

from dataclasses import dataclass, field

from backup import config as configuration
from backup import engine, layout
from backup.backups import Backups
from backup.config import Config
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.layout import Layout
from backup.records import RecordsFile
from backup.server import Server


@dataclass(frozen=True, kw_only=True)
class Context:
    config: Config
    layout: Layout
    server: Server
    records: RecordsFile
    backups: Backups = field(repr=False)

    def catalogue(self) -> Catalogue:
        """The catalogue of the server whose WAL is archived."""
        system = self.records.read().system
        if system is None:
            raise BackupError("nothing is archived yet: the server has not answered so far")
        return Catalogue(layout=self.layout, system=system)

    def write_engine(self, system: str | None = None) -> None:
        engine.write(self.config, self.layout, self.server, system)


def load() -> Context:
    config = configuration.load()
    places = Layout(directory=config.directory)
    layout.prepare(places)
    return Context(
        config=config,
        layout=places,
        server=Server(config.server),
        records=RecordsFile(places.records),
        backups=Backups(places),
    )
