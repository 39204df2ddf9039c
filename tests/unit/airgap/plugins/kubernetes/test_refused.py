from __future__ import annotations

import pytest

from airgap.plugins.kubernetes.api import Unreachable
from airgap.plugins.kubernetes.cluster import NoSuchKind
from airgap.plugins.kubernetes.refused import Refused, explained
from tests.unit.airgap.plugins.kubernetes.conftest import refusal


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refusal(422, "Invalid", "too small"), "^it failed: too small"),
        (NoSuchKind("no matches"), "it failed because .* CRDs have been created: no matches"),
        (Unreachable("gone"), "it failed: the API server does not answer: gone"),
    ],
)
def test_what_was_tried_stands_before_the_clusters_own_words(error: Exception, said: str) -> None:
    with pytest.raises(Refused, match=said), explained("it failed"):
        raise error


@pytest.mark.parametrize(
    ("error", "unforeseeable"),
    [
        (refusal(404, "NotFound", 'namespaces "n" not found', "namespaces"), True),
        (refusal(404, "NotFound", 'secrets "s" not found', "secrets"), False),
        (refusal(409, "AlreadyExists", "exists"), True),
        (refusal(403, "Forbidden", "no"), True),
        (refusal(400, "BadRequest", "the webhook does not support dry run"), True),
        (refusal(422, "Invalid", "too small"), False),
        (Unreachable("gone"), False),
    ],
)
def test_a_preview_cannot_foresee_what_depends_on_the_run(
    error: Exception, unforeseeable: bool
) -> None:
    with pytest.raises(Refused) as refused, explained("it failed"):
        raise error
    assert refused.value.unforeseeable is unforeseeable
