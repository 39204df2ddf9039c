"""The vocabulary for requests that watch the platform from outside in.

Nothing here knows Docker, Kubernetes or Pulumi. Prometheus, or an operator's, reads these values.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from components.addresses import Address, host_name

PROBES = host_name("probes")
"""The job of all probes in Prometheus. A service of this name would have the same job."""
PROBE_PATH = "/probe"
PROBE_INTERVAL = "10s"


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A request that a prober makes each time that Prometheus scrapes it.

    `module` is how it asks, and `url` what. `host` is the name that the request is for, if not that
    in the URL. `labels` tell probes apart in rules and notifications; `instance` is one of them.
    """

    prober: Address
    port: str
    module: str
    url: str
    host: str | None = None
    labels: Mapping[str, str]

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the prober's URL."""
        host = {"hostname": self.host} if self.host else {}
        return {"module": self.module, "target": self.url, **host}
