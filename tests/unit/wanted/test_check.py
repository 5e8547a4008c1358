"""What check prints: the segments, who reaches them, the proof and the notes, and the same as data."""

from __future__ import annotations

import json

from ringfence.ops.check import check
from ringfence.reports.check import check_json, check_text
from tests.unit.wanted.building import HEAD, both

TEXT = (
    HEAD + "components:\n"
    "  - {name: shop, grants: [{prefix: /shop/, access: readwrite, except: [/shop/audit/]}]}\n"
    "  - {name: audit, grants: [{prefix: /shop/audit/, access: readwrite}, "
    "{prefix: /shop/, access: read, except: [/shop/audit/], shares-with: [shop]}]}\n"
    "roles: {r: [{prefix: /shop/x/, access: read, shares-with: [shop]}]}\n"
    "users: {old: {roles: [r]}}\n"
)


def test_text() -> None:
    """A table of segments with owners and visitors, users without a segment, and the proof in a line."""
    expected = """\
SEGMENT  KEYS                    WHO    MAY
shop     [/shop/, /shop/audit/)  shop   readwrite
         [/shop/audit0, /shop0)  audit  read
                                 old    read /shop/x/*
audit    /shop/audit/*           audit  readwrite

USER  LOGIN        MAY READ   MAY WRITE
old   certificate  /shop/x/*  nothing

2 segments, pairwise disjoint (2 neighbouring pairs of spans compared)

note: root reads and writes every key and all of auth; its certificate is root.pem: keep its key apart
"""
    assert expected == check_text(check(*both(TEXT)))


FAMILY = """\
SEGMENT  KEYS       WHO                      MAY
calico   /calico/*  calico-node              read 4 spans, write 11 spans
"""


def test_text_of_a_family() -> None:
    """A segment that several identities share has a row for each, with how much of it is its own."""
    text = check_text(check(*both(f"{HEAD}components: [{{use: calico, calico: '3.32', segmentation: component}}]\n")))
    assert text.startswith(FAMILY)
    assert "write /calico/ipam/v2/* /calico/resources/v3/projectcalico.org/workloadendpoints/*" in text


def test_text_without_components() -> None:
    """A spec that fences nothing says so."""
    assert check_text(check(*both(HEAD))).startswith("no component: nothing is fenced in\n")


def test_prove_lists_every_span() -> None:
    """A segment of many spans is summed up, unless the proof is asked for."""
    keys = ", ".join(f"{{key: /k{i}, access: read}}" for i in range(9))
    result = check(*both(f"{HEAD}components: [{{name: a, grants: [{keys}]}}]\n"))
    assert "and 6 more" in check_text(result)
    assert "/k8" not in check_text(result)
    assert "/k8" in check_text(result, prove=True)


def test_json() -> None:
    """The data has exact keys in hex, an open end as null, and can be written as JSON."""
    text = f"{HEAD}components: [{{name: a, grants: [{{from-key: /x, access: read}}]}}]\n"
    data = check_json(check(*both(text)))
    span = {"keys": "[/x, end)", "start": "2f78", "end": None}
    member = {"identity": "a", "read": [span], "write": []}
    assert [{"owner": "a", "spans": [span], "members": [member], "reached_by": []}] == data["segments"]
    assert (True, True) == (data["valid"], data["disjoint"])
    assert data == json.loads(json.dumps(data))
