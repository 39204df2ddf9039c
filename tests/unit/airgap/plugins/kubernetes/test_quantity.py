from __future__ import annotations

import pytest

from airgap.plugins.kubernetes.quantity import canonical


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("1024Mi", "1Gi"),
        ("1Gi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("512", "512"),
        ("0.5", "500m"),
        ("1.0", "1"),
        ("1000m", "1"),
        ("1500m", "1500m"),
        ("250m", "250m"),
        ("1000k", "1M"),
        ("0.5Ki", "512"),
        ("0", "0"),
        ("1e3", "1e3"),
        ("0.00000000001", "1n"),
        ("25%", "25%"),
        ("", ""),
    ],
)
def test_a_quantity_is_written_as_the_server_writes_it(given: str, written: str) -> None:
    assert canonical(given) == written
