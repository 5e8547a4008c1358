"""What ``catalog`` prints: the needs with their reasons, the documented table beside them, and differences."""

from __future__ import annotations

import json

import pytest

from ringfence.errors import CatalogError, InputError
from ringfence.ops.catalog import every_component, one_component
from ringfence.reports.catalog import (
    difference_json,
    difference_text,
    documented_text,
    list_json,
    list_text,
    show_json,
    show_text,
)

FLANNEL = """\
flannel: the flannel daemon on every node
flannel 0.28; speaks gRPC

MAY        KEYS                                        SINCE  DOCUMENTED  KNOWN BY  WHY
read       {etcd-prefix}/config                        0.18   yes         source    the network's configuration
readwrite  {etcd-prefix}/config (with config-by: job)  0.18   no          source    canal's manifest has a Job
readwrite  {etcd-prefix}/subnets*                      0.18   no          source    leases of subnets
"""


def test_show() -> None:
    """A component is shown with access, keys, first release, evidence and reason of each line."""
    shown = show_text(one_component("flannel")).splitlines()
    for expected, line in zip(FLANNEL.splitlines(), shown, strict=False):
        assert line.startswith(expected)
    assert "  etcd-prefix  '/coreos.com/network'  its --etcd-prefix" in shown


def test_show_says_which_release() -> None:
    """A release that is not known is shown as the nearest below, and that is said."""
    assert "Calico 3.40 is not known (known: 2.5-2.6, 3.0-3.32): this is 3.32" in show_text(
        one_component("calico/cni", "3.40")
    )
    assert "is not known" not in show_text(one_component("calico/cni", "3.31.2"))


def test_documented() -> None:
    """The documented table comes with what it lacks and what is too wide; where there is none, that is said."""
    text = documented_text(one_component("calico/node", "3.32"))
    table, lacking, wide = text.split("\n\n")[1:]
    assert "tiers" not in table
    assert "tiers" in lacking
    assert "workloadendpoints/*" in wide
    assert "Nothing is missing there." in documented_text(one_component("calicoctl/full"))
    assert "no table of keys is documented" in documented_text(one_component("milvus"))


def test_difference() -> None:
    """Lines of one release alone are marked."""
    new, old = one_component("calico/kube-controllers", "3.29"), one_component("calico/kube-controllers", "3.28")
    lines = difference_text(new, old, documented=False).splitlines()
    assert ["  +  readwrite  /calico/resources/v3/projectcalico.org/tiers/*"] == [line[:62] for line in lines[4:]]
    assert "  nothing" in difference_text(new, old, documented=True)
    added = difference_json(new, old, documented=False)
    assert ("3.28", "3.29", []) == (added["from"], added["to"], added["removed"])


def test_list() -> None:
    """Every component has a row with its releases and how well its lines are known."""
    text = list_text(every_component())
    assert "vip-manager" in text
    assert "Calico 2.5-2.6, 3.1-3.32           documented 3" in text


def test_json() -> None:
    """The same as data, which can be written as JSON."""
    data = show_json(one_component("calico/cni", "3.40"))
    assert ("3.40", "3.32", "grpc") == (data["asked"], data["version"], data["transport"])
    assert "/calico/resources/v3/projectcalico.org/ipreservations/" in str(data["lacking"])
    assert data == json.loads(json.dumps(data))
    assert 24 <= len(list_json(every_component())["components"])  # type: ignore[arg-type]  # a list, by its contract


def test_refused() -> None:
    """What is no component, and what is no version, is an error with a hint."""
    with pytest.raises(CatalogError, match="no component calico/nod"):
        one_component("calico/nod")
    with pytest.raises(InputError, match="'new' is not a version"):
        one_component("calico/node", "new")
