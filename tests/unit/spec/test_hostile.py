"""Whatever is in the file, the answer is a spec or its problems, each with a place; nothing else escapes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.spec.reading import good, problems

WHOLE = """\
version: 1
cluster:
  name: shared
  etcd: 3.5.1
  api: [v3]
  accept: [{id: CVE-2026-33343, until: 2027-01-01, reason: upgrade planned}]
  members: [{name: e, hosts: [10.0.0.1], client: "https://10.0.0.1:2379", data-dir: /data}]
  proxies: [{name: p, kind: gateway, hosts: [10.0.0.9]}]
  paths: {pki: /etc/etcd/pki}
pki: {authority: file, directory: pki, key: ed25519, validity: {ca: 10y, member: 1y, client: 90d}}
presets: {team: [{prefix: "/teams/{team}/", access: read}]}
components:
  - {use: kube-apiserver, kubernetes: 1.34, compaction: {by: c}, etcd-prefix: /registry, files: /etc/k}
  - {use: calico, network: canal, segmentation: component, calicoctl: [full], identities: {flannel: f}}
  - {use: patroni, scope: a, password: {file: pw}}
  - {use: team, name: shop, team: retail}
  - name: own
    grants:
      - {prefix: /own/, access: readwrite, except: [/own/a/, {key: /own/b}]}
      - {range: [/x, {hex: "2f7a"}], access: write, write-only: true}
      - {from-key: /zz, access: read}
roles: {r: [{key: {hex: "00ff"}, access: read, shares-with: [own]}]}
users: {u: {roles: [r], auth: password}}
protect: {users: [root]}
"""
TOKENS = WHOLE.replace("{", " { ").replace("}", " } ").replace("[", " [ ").replace("]", " ] ").split(" ")
FRAGMENTS = [
    "",
    "~",
    "[]",
    "{}",
    "''",
    "a",
    "1",
    "-1",
    "true",
    "[[a]]",
    "{a: b}",
    "{? [a] : b}",
    "é",
    '"\\0"',
    ":",
    "- ",
]


def test_the_whole_is_good() -> None:
    """What the properties damage is correct to begin with."""
    assert 5 == len(good(WHOLE).components)


@given(place=st.integers(0, len(TOKENS) - 1), put=st.sampled_from(FRAGMENTS))
def test_any_value_may_be_anything(place: int, put: str) -> None:
    """A spec in which one word was replaced by something else is read, or its problems have places."""
    text = " ".join([*TOKENS[:place], put, *TOKENS[place + 1 :]])
    assert all(found.place is not None and found.what for found in problems(text))


@given(start=st.integers(0, len(WHOLE)), length=st.integers(0, 60))
def test_any_part_may_be_missing(start: int, length: int) -> None:
    """A spec in which some characters were lost is read, or its problems have places."""
    assert all(found.place is not None for found in problems(WHOLE[:start] + WHOLE[start + length :]))


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    """A file of anything is refused with a place."""
    found = problems(raw)
    assert found
    assert all(problem.place is not None for problem in found)
