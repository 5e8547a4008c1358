"""How long a certificate that a pod draws is good for."""

from __future__ import annotations

from datetime import timedelta

from ringfence.spec.shape import Spec
from ringfence.spec.ways import Delivery


def drawn_life(spec: Spec, delivery: Delivery) -> timedelta:
    """What the spec says of those that are drawn, and no longer than of others."""
    return min(delivery.life, spec.pki.validity.client)
