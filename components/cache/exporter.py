"""The exporter that provides Redis' metrics to Prometheus."""

from components.cache.builtin import MONITOR, MONITOR_USER
from components.cache.connection import SERVER, TIER
from components.catalogue import Catalogue
from components.container import EXPORTER, File, Health, Http, Port
from components.text import SECRETS, Text
from components.workload import Workload

PORT = 9121
PASSWORDS = f"{SECRETS}/redis-exporter-passwords"


def exporter(catalogue: Catalogue) -> Workload:
    url = SERVER.url("redis")
    passwords = Text(template=f'{{"{url}": "${{{MONITOR.name}}}"}}', secrets=(MONITOR,))
    return Workload(
        name="redis-exporter",
        tier=TIER,
        metrics_of=SERVER.workload,
        image=catalogue.image("redis-exporter"),
        env={"REDIS_ADDR": url, "REDIS_USER": MONITOR_USER, "REDIS_PASSWORD_FILE": PASSWORDS},
        files=(File(path=PASSWORDS, content=passwords),),
        ports=(Port(name="metrics", number=PORT, metrics="/metrics"),),
        # This checks the exporter only. The metric redis_up says whether Redis is up.
        ready=Health(ask=Http(path="/", port=PORT)),
        reaches=(SERVER,),
        resources=EXPORTER,
    )
