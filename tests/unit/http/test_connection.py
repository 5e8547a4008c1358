"""Verification cannot be left out by leaving something out."""

from __future__ import annotations

import pytest

from ringfence.http.connection import Connection


@pytest.mark.parametrize("address", ["https://bao.example:8200", "HTTPS://bao.example"])
def test_tls_needs_something_to_trust(address: str) -> None:
    """Without it httpx would take any certificate, so there is no such connection."""
    with pytest.raises(ValueError, match="without anything to trust"):
        Connection(address, None, seconds=1, at_once=1)
