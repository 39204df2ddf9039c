"""The cache tier: the server that the settings select, and how services connect to it."""

from components import volume_exporter
from components.cache import connection
from components.cache.builtin import redis
from components.cache.exporter import exporter
from components.catalogue import Catalogue
from components.settings import Settings
from components.tier import Tier


class CacheTier(Tier):
    name = connection.TIER

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        if settings.cache.external:
            self.connection = connection.to_external(settings.cache.external)
            super().__init__(())
        else:
            self.connection = connection.to_platform()
            server = volume_exporter.beside(redis(settings, catalogue), catalogue)
            super().__init__((server, exporter(catalogue)))
