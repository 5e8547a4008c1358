"""A spec as if it were about v2 alone: right after v2 auth is switched on, v3's may still be off."""

from __future__ import annotations

from dataclasses import replace

from ringfence.spec.shape import Spec


def v2_alone(spec: Spec) -> Spec:
    """The same spec with nothing of v3 to be proved."""
    return replace(spec, cluster=replace(spec.cluster, api=("v2",)))
