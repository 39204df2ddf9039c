"""The AI decision platform: one description, on a laptop's Docker or on a Kubernetes cluster."""

from pathlib import Path

import pulumi

from components import settings as stack
from components.api import ApiTier
from components.cache import CacheTier
from components.credentials import Credentials
from components.data import DataTier
from components.images import Catalogue
from components.logins import logins
from components.observability import ObservabilityTier
from components.settings.defaults import BACKEND
from components.targets import debug_lines, select
from components.web import WebTier

debug_lines.gather()
overlay = stack.overlay_path(Path(__file__).parent, pulumi.get_stack())
try:
    settings = stack.load(
        pulumi.runtime.get_config_env(),
        frozenset(pulumi.runtime.get_config_secret_keys_env()),
        overlay,
        stack.machine_file(),
    )
except stack.SettingsError as error:
    raise pulumi.RunError(str(error)) from None
if overlay.exists():
    pulumi.log.info(f"{overlay.name} is applied over the stack file")

catalogue = Catalogue(settings)
credentials = Credentials(settings.kubernetes.secrets, settings.plugins.random)
target = select(settings, credentials)

data = DataTier(settings, catalogue)
cache = CacheTier(settings, catalogue)
api = ApiTier(settings, catalogue, data.connection, cache.connection)
web = WebTier(settings, catalogue, api.services[BACKEND])
serving = (data, cache, api, web)
observability = ObservabilityTier(
    settings, catalogue, [part for tier in serving for part in tier.scraped]
)
tiers = (*serving, observability)
target.run(tiers)

endpoints = ("web", *api.services, "grafana", "prometheus", "alertmanager")
pulumi.export("target", settings.target)
pulumi.export("endpoints", {name: target.endpoint(name) for name in endpoints})
pulumi.export("images", dict(target.images))
pulumi.export("logins", logins(tiers, credentials))
