"""What the cluster refused, as a failure with a sentence around the cluster's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airgap.plugins.kubernetes.api import ApiError, Unreachable
from airgap.plugins.kubernetes.cluster import NoSuchKind
from airgap.plugins.resource import Failed


class Refused(Failed):
    """`code` is the server's HTTP status, or 0 where it did not come to that."""

    def __init__(self, text: str, error: Exception) -> None:
        super().__init__(text)
        self.code = error.code if isinstance(error, ApiError) else 0
        self.unforeseeable = unforeseeable(error)


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Put what was tried before the cluster's own words."""
    try:
        yield
    except NoSuchKind as error:
        missing = (
            "the Kubernetes API server reported that the apiVersion for this resource does not "
            "exist. Verify that any required CRDs have been created"
        )
        raise Refused(f"{what} because {missing}: {error}", error) from error
    except ApiError as error:
        raise Refused(f"{what}: {error}", error) from error
    except Unreachable as error:
        raise Refused(f"{what}: the API server does not answer: {error}", error) from error


def unforeseeable(error: Exception) -> bool:
    """Whether a preview cannot tell what the real run would get.

    The namespace comes in the same run, the object with the name goes first, the server allows no
    dry run, or a hook of it does not.
    """
    if not isinstance(error, ApiError):
        return False
    return (
        error.code == 403
        or error.reason == "AlreadyExists"
        or (error.code == 404 and error.of_kind == "namespaces")
        or (error.code == 400 and "dry run" in str(error))
    )
