"""What makes new files count depends on how they come to the CNI plugin."""

from __future__ import annotations

import pytest

from ringfence.model.issuance import Uptake
from ringfence.ops.certs.effects import effects
from ringfence.wanted.certificates import requests
from tests.unit.wanted.building import HEAD, both

NODES = "nodes: [w1]\n"


@pytest.mark.parametrize(
    ("calico", "more", "uptake"),
    [
        ("segmentation: component", "", Uptake.POD),
        ("segmentation: component, deliver: secret", "", Uptake.POD),
        ("segmentation: component, deliver: hostpath", "", Uptake.RUN),
        ("segmentation: component, services: {calico-node: container}", "", Uptake.RUN),
        ("segmentation: node", NODES, Uptake.RUN),
        ("segmentation: node, identity: node, deliver: hostpath", NODES, Uptake.RUN),
    ],
)
def test_the_cni_plugin(calico: str, more: str, uptake: Uptake) -> None:
    """It reads its files at each run; only of a Secret's has it a copy, which the pod of calico-node makes."""
    assert uptake is of("calico/cni", calico, more)


@pytest.mark.parametrize(("way", "uptake"), [("secret", Uptake.POD), ("hostpath", Uptake.HANDSHAKE)])
def test_one_identity_for_all(way: str, uptake: Uptake) -> None:
    """Where the plugin shares its certificate, what it needs counts for all."""
    assert uptake is of("calico", f"segmentation: single, deliver: {way}", "")


def of(component: str, calico: str, more: str) -> Uptake:
    """What is said of a component when everything was replaced."""
    spec, wanted = both(f"{HEAD}components:\n  - {{use: calico, {calico}}}\n{more}")
    asked = requests(spec, wanted)
    (found,) = (
        each.uptake for each in effects(spec, wanted, asked, [one.name for one in asked]) if each.component == component
    )
    return found
