"""check says who has what in v2, beside v3 or alone, and what to know of it."""

from __future__ import annotations

from ringfence.ops.check import check
from ringfence.reports.check import check_json, check_text
from tests.unit.wanted.building import both

SPEC = """\
version: 1
cluster: {endpoints: [https://a:2379], etcd: 3.5.1, api: [v2]}
components:
  - {name: a, patterns: [{pattern: /a, access: read}, {pattern: /a/*, access: readwrite}]}
  - {name: b, patterns: [{pattern: /b*, access: write}]}
"""


def test_v2_alone() -> None:
    """Only the v2 store is shown, with a row for each identity."""
    text = check_text(check(*both(SPEC)))
    assert [
        "SEGMENT IN V2  WHO  MAY READ  MAY WRITE",
        "a              a    /a /a/*   /a/*",
        "b              b    nothing   /b*",
        "",
        "2 segments in v2, no two of which have a path in common",
    ] == text.splitlines()[:5]
    assert "note: /b* also matches names that only begin alike, such as /b2 (ringfence.yaml:5" in text
    assert "apply --keep-v2-root-password FILE keeps root's" in text
    assert "COMPACTION_PERIOD" not in text


def test_both() -> None:
    """v3 comes first; with Calico 2 and an old kube-apiserver nothing is said of compaction, which is v3's."""
    more = "  - {use: calico, calico: '2.6'}\n  - {use: kube-apiserver, storage-backend: etcd2, kubernetes: '1.12'}\n"
    text = check_text(check(*both(SPEC.replace("[v2]", "[v2, v3]") + more)))
    assert text.startswith("no component: nothing is fenced in\n")
    assert "4 segments in v2" in text
    assert "must compact" not in text
    assert "must not compact" not in text


def test_json() -> None:
    """The same as data, and nothing of v2 where the spec is about v3 alone."""
    found = check_json(check(*both(SPEC)))["v2"]
    assert isinstance(found, dict)
    assert [{"owner": "a", "patterns": ["/a", "/a/*"]}, {"owner": "b", "patterns": ["/b*"]}] == found["segments"]
    plain = "version: 1\ncluster: {endpoints: [https://a:2379]}\n"
    assert "v2" not in check_json(check(*both(plain)))
