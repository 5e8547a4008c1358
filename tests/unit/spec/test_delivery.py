"""``deliver`` of a Calico that is written right."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePosixPath

import pytest

from ringfence.spec.shape import Calico
from ringfence.spec.ways import Delivery, Way
from tests.unit.spec.reading import HEAD, good, problems


def _delivery(text: str) -> Delivery:
    (calico,) = good(f"{HEAD}components: [{{use: calico, deliver: {text}}}]\n").components
    assert isinstance(calico, Calico)
    assert calico.deliver is not None
    return calico.deliver


@pytest.mark.parametrize("way", Way)
def test_a_word_is_enough(way: Way) -> None:
    """Everything else has a default."""
    found = _delivery(way.value)
    assert (way, PurePosixPath("/etc/calico/etcd"), timedelta(days=1)) == (found.way, found.host, found.life)
    assert way.is_agent == (way.value.endswith("agent"))


def test_nothing_written_is_none() -> None:
    """The command line may say it then."""
    (calico,) = good(f"{HEAD}components: [{{use: calico}}]\n").components
    assert isinstance(calico, Calico)
    assert calico.deliver is None


def test_an_agent_in_detail() -> None:
    """The file with keys is resolved against the folder of the spec."""
    found = _delivery(
        "{way: vault-agent, host: /srv/etcd, mount: k8s/a, audience: https://a, life: 6h,"
        " image: r.example/v:1@sha256-x, issuer: https://b, keys: sa.pub}"
    )
    assert ("k8s/a", "https://a", timedelta(hours=6)) == (found.mount, found.audience, found.life)
    assert ("sa.pub", "https://b", None) == (
        found.trust.keys and found.trust.keys.name,
        found.trust.issuer,
        found.trust.discovery,
    )
    assert "r.example/v:1@sha256-x" == found.image


@pytest.mark.parametrize("way", Way)
def test_calico_2_knows_two_ways(way: Way) -> None:
    """Its clusters bind no tokens to pods; the same is right with Calico 3."""
    text = f"{HEAD}components: [{{use: calico, calico: '3.32', segmentation: component, deliver: {way.value}}}]\n"
    assert [] == problems(text)
    of_calico_2 = text.replace("endpoints:", "api: [v2], endpoints:").replace("3.32", "2.6")
    refused = [each.what for each in problems(of_calico_2)]
    good = way in {Way.SECRET, Way.HOSTPATH}
    assert refused == (
        [] if good else [f"Calico 2.6 is not delivered by {way.value}: its clusters are too old for that"]
    )
