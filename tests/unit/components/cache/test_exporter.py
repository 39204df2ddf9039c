"""Redis' exporter."""

import json

from components.addresses import Address
from components.cache import exporter
from components.workload import Workload
from tests.unit.describing import catalogue


def workload() -> Workload:
    return exporter.exporter(catalogue())


def test_it_finds_its_password_by_the_servers_address_and_reaches_nothing_else() -> None:
    env = workload().env
    contents = {file.path: file.content for file in workload().files}
    passwords = contents[env["REDIS_PASSWORD_FILE"]].fill({"redis-monitor-password": "pw"})
    assert json.loads(passwords) == {env["REDIS_ADDR"]: "pw"}
    assert env["REDIS_ADDR"] == "redis://ai-platform-redis:6379"
    assert env["REDIS_USER"] == "monitor"
    assert workload().reaches == (Address(workload="redis", port=6379),)


def test_its_metrics_have_the_name_of_redis() -> None:
    (target,) = workload().scrape_targets()
    assert (target.name, target.job) == ("redis", "ai-platform-redis")
    assert target.address == Address(workload="redis-exporter", port=9121)
