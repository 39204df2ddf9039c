"""PostgreSQL's exporter."""

from components.addresses import Address
from components.container import Health, Http
from components.data import connection, exporter
from components.workload import Workload
from tests.unit.describing import ROOT, catalogue

SERVER = Address(workload="server", port=5432)


def workload() -> Workload:
    return exporter.exporter(catalogue(), SERVER)


def test_it_signs_in_as_the_monitor_at_the_server_and_reaches_nothing_else() -> None:
    env = workload().env
    assert env["DATA_SOURCE_URI"] == "ai-platform-server:5432/platform?sslmode=disable"
    assert env["DATA_SOURCE_USER"] == "platform_monitor"
    assert env["DATA_SOURCE_PASS_FILE"] == connection.MONITOR.path
    assert connection.MONITOR.path in {file.path for file in workload().files}
    assert workload().reaches == (SERVER,)


def test_its_metrics_have_the_name_of_postgres() -> None:
    (target,) = workload().scrape_targets()
    assert (target.name, target.job) == ("postgres", "ai-platform-postgres")
    assert target.address == Address(workload="postgres-exporter", port=9187)


def test_its_readiness_does_not_depend_on_the_server() -> None:
    """The metric pg_up says whether the server is up."""
    assert workload().ready == Health(ask=Http(path="/", port=9187))


def test_it_runs_the_platforms_own_queries_too() -> None:
    path = workload().env["PG_EXPORTER_EXTEND_QUERY_PATH"]
    contents = {file.path: file.content.template for file in workload().files}
    queries = (ROOT / "monitoring" / "postgres-exporter" / "queries.yml").read_text()
    assert contents[path] == queries
