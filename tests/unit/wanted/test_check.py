"""What check prints: the segments, who reaches them, the proof and the notes, and the same as data."""

from __future__ import annotations

import json

from ringfence.model.version import Version
from ringfence.ops.check import check
from ringfence.reports.check import CheckResult, check_json, check_text
from ringfence.rules.holes import REVIEWED, holes
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


HOLED = "version: 1\ncluster: {endpoints: [https://a:2379], etcd: 3.5.35ACCEPT}\ncomponents: COMPONENTS\n"
ACCEPTED = ", accept: [{id: etcd-22386, until: UNTIL, reason: 3.6 comes}]"
ONE = "[{name: a, grants: [{prefix: /a/, access: readwrite}]}]"


def holed(accept: str = "", *, until: str = "2027-01-01") -> CheckResult:
    """A spec whose etcd has one hole, with what it accepts."""
    text = HOLED.replace("ACCEPT", accept.replace("UNTIL", until)).replace("COMPONENTS", ONE)
    return check(*both(text), closely=True)


def test_a_hole_that_is_not_accepted_is_a_note_and_a_no() -> None:
    """The roles hold, the server does not: neither hides the other."""
    result = holed()
    assert (True, False) == (result.holds, result.is_sound)
    (note,) = (note for note in result.notes if "etcd-22386" in note)
    assert note.startswith("NOT ACCEPTED: etcd-22386 of etcd 3.5.35: while the NOSPACE alarm is raised")
    assert "upgrade (fixed in 3.6.0), or accept it for a time under cluster.accept" in note
    expected = {"etcd": "3.5.35", "sound": False, "holes": [{"id": "etcd-22386", "accepted": False}]}
    assert expected == check_json(result)["server"]
    assert True is check_json(result)["closed"]
    assert "nobody else reaches a segment" in check_text(result)
    assert "\nnot counted: what etcd 3.5.35 gives against its own rules, by etcd-22386\n" in check_text(result)


def test_an_accepted_hole_is_no_more_than_told() -> None:
    """The same spec with the hole accepted is sound, and accepted for too short it is not."""
    result = holed(ACCEPTED)
    assert (True, True) == (result.holds, result.is_sound)
    assert not [note for note in result.notes if "NOT ACCEPTED" in note]
    assert {"etcd": "3.5.35", "sound": True, "holes": [{"id": "etcd-22386", "accepted": True}]} == check_json(result)[
        "server"
    ]
    assert "not counted: what etcd 3.5.35 gives" in check_text(result)
    expired = holed(ACCEPTED, until="2026-08-31")
    assert not expired.is_sound
    assert any(note.startswith("NOT ACCEPTED: etcd-22386") for note in expired.notes)


def test_every_hole_of_the_release_has_a_note() -> None:
    """One for each, and for a sound or unnamed release none."""
    for version in ("3.5.1", "3.6.8", "3.6.16", "3.5"):
        result = check(*both(f"version: 1\ncluster: {{endpoints: [https://a:2379], etcd: '{version}'}}\n"))
        told = [note for note in result.notes if note.startswith("NOT ACCEPTED: ")]
        parsed = Version.parse(version)
        assert parsed is not None
        assert [hole.id for hole in holes(parsed)] == [note.split()[2] for note in told]
        assert (not told) == result.is_sound
    unnamed = check(*both("version: 1\ncluster: {endpoints: [https://a:2379]}\n"))
    assert (True, None) == (unnamed.is_sound, check_json(unnamed)["server"])


def test_a_release_that_nobody_reviewed_is_noted() -> None:
    """Its holes are unknown, which is not the same as none."""
    for version, expected in (("3.8.0", True), ("3.7.3", False)):
        result = check(*both(f"version: 1\ncluster: {{endpoints: [https://a:2379], etcd: {version}}}\n"))
        line = f"etcd {version} is newer than what was reviewed ({REVIEWED}): holes that it may have are unknown"
        assert expected == (line in result.notes)
