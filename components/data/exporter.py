"""The exporter that provides PostgreSQL's metrics to Prometheus."""

from components import plain_files
from components.addresses import Address
from components.catalogue import Catalogue
from components.container import EXPORTER, File, Health, Http, Port
from components.data.builtin import SERVER
from components.data.connection import DATABASE, MONITOR, MONITOR_USER, TIER
from components.workload import Workload

PORT = 9187
QUERIES = "/etc/postgres-exporter/queries.yml"


def exporter(catalogue: Catalogue, server: Address) -> Workload:
    return Workload(
        name="postgres-exporter",
        tier=TIER,
        metrics_of=SERVER.workload,
        image=catalogue.image("postgres-exporter"),
        env={
            "DATA_SOURCE_URI": f"{server.host}:{server.port}/{DATABASE}?sslmode=disable",
            "DATA_SOURCE_USER": MONITOR_USER,
            "DATA_SOURCE_PASS_FILE": MONITOR.path,
            "PG_EXPORTER_EXTEND_QUERY_PATH": QUERIES,
        },
        files=(
            File(path=MONITOR.path, content=MONITOR.text),
            File(
                path=QUERIES,
                content=plain_files.text("monitoring/postgres-exporter/queries.yml"),
            ),
        ),
        ports=(Port(name="metrics", number=PORT, metrics="/metrics"),),
        # This checks the exporter only. The metric pg_up says whether PostgreSQL is up.
        ready=Health(ask=Http(path="/", port=PORT)),
        reaches=(server,),
        resources=EXPORTER,
    )
