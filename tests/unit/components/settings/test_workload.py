"""What the settings of services and of the web tier have in common."""

from tests.unit.describing import settings


def test_one_number_of_replicas_is_the_least_and_the_greatest() -> None:
    replicas = settings({"web": {"replicas": 3}}).web.replicas
    assert (replicas.min, replicas.max) == (3, 3)
