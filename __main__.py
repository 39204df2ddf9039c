"""The AI decision platform: one description, on a laptop's Docker or on a Kubernetes cluster."""

import pulumi

from components import outputs, stack_settings
from components.api import ApiTier
from components.cache.tier import CacheTier
from components.catalogue import Catalogue
from components.data.tier import DataTier
from components.observability.tier import ObservabilityTier
from components.secrets import Secrets
from components.settings import under_way
from components.targets import select
from components.web.tier import WebTier

upgrade = under_way()
settings = stack_settings.load(upgrade)
catalogue = Catalogue(settings, stack_settings.digests(settings))
secrets = Secrets(settings)

data = DataTier(settings, catalogue, upgrade)
cache = CacheTier(settings, catalogue)
api = ApiTier(settings, catalogue, data.connections, cache.connection)
web = WebTier(settings, catalogue, api.services, cache.connection)
scrape_targets = [target for tier in (data, cache, api, web) for target in tier.scrape_targets]
observability = ObservabilityTier(
    settings, catalogue, scrape_targets, web.front_door, pulumi.get_stack()
)

tiers = (data, cache, api, web, observability)
deployment = select(settings, catalogue, secrets).run(tiers)
outputs.export(settings, tiers, deployment, secrets)
