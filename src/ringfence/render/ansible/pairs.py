"""A certificate and its key as the role ``certificates`` takes them."""

from __future__ import annotations


def named_pair(name: str) -> dict[str, str]:
    """The pair ``name`` of the pki folder, under its own name."""
    return {"name": name, "certificate": f"{name}.pem", "key": f"{name}-key.pem"}
