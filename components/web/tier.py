"""The web tier: the gateway, and the page behind it."""

from collections.abc import Mapping

from components.api import ServiceConnection
from components.cache.connection import CacheConnection
from components.catalogue import Catalogue
from components.settings import Settings
from components.tier import Tier
from components.web import TIER
from components.web.destinations import destinations
from components.web.frontend import frontend
from components.web.gateway import front_door, gateway


class WebTier(Tier):
    name = TIER

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        services: Mapping[str, ServiceConnection],
        cache: CacheConnection,
    ) -> None:
        self.front_door = front_door(settings)
        behind = destinations(settings, services)
        super().__init__(
            (
                *frontend(settings, catalogue, services, cache),
                gateway(settings, catalogue, behind),
            )
        )
