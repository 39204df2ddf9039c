"""Names and addresses in the vocabulary."""

from components.addresses import Address, host_name, metrics_name


def test_every_target_gives_a_workload_the_same_host_name() -> None:
    assert host_name("backend") == "ai-platform-backend"
    assert metrics_name("backend") == "ai-platform-backend-metrics"


def test_an_address_knows_its_host_and_its_url() -> None:
    address = Address(workload="redis", port=6379)
    assert address.host == "ai-platform-redis"
    assert address.url() == "http://ai-platform-redis:6379"
    assert address.url("redis") == "redis://ai-platform-redis:6379"
