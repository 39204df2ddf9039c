"""The methods in the vocabulary for a container."""

from components.container import Identity


def test_an_identity_is_written_as_uid_and_gid() -> None:
    assert str(Identity(uid=472, gid=0)) == "472:0"
