"""Known holes of etcd that let an identity out of its fence, by release. Pure data and one look-up.

Only what weakens the separation of users counts, and only what follows from the release: left out are holes that
need a setting (a client CRL on a split listener, GHSA-3wh4-j44w-pg92; the debug log of passwords, CVE-2021-28235),
mere denial of service (GHSA-6vch-q96h-7gc3), other programs (etcd gateway, etcd grpc-proxy), and what no release
fixes (a JSON gateway request without Accept header; a watch that outlives its permission).

Sources: etcd's security advisories and changelogs, and the tags that hold each fix; for CVE-2026-44283 also
golang/vulndb 5736, and etcd PR 21677 with its backports 21685, 21687 and 21688.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ringfence.model.version import Version

REVIEWED = date(2026, 11, 22)
"""When this list was last held against etcd's advisories and against its newest releases, ``REVIEWED_UP_TO``."""

REVIEWED_UP_TO: Mapping[tuple[int, int], int] = {(3, 2): 32, (3, 3): 27, (3, 4): 45, (3, 5): 35, (3, 6): 16, (3, 7): 3}
"""The newest patch release of each line then. 3.5.33, 3.6.14 and 3.7.1 hold the last fixes that count here: the server
modules of 3.5.35, 3.6.16 and 3.7.3 were compared with theirs, and no check of users differs."""

_NEWEST_LINE = max(REVIEWED_UP_TO)
_ADVISORY = "https://github.com/etcd-io/etcd/security/advisories/"
_CHANGELOG = "https://github.com/etcd-io/etcd/tree/main/CHANGELOG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A hole that a release has.

    Args:
        id: what the spec accepts it by.
        title: in a few words.
        consequence: what an identity can do that its roles do not allow.
        fixed_in: the first release of each line that has the fix, oldest first; empty: none.
        source: where it is described.
        how: how it was found on this cluster.
    """

    id: str
    title: str
    consequence: str
    fixed_in: tuple[Version, ...]
    source: str
    how: str = "by version"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A hole and its releases: from ``since`` on, in each line until its ``fixes``, and in no line from ``gone`` on."""

    id: str
    title: str
    consequence: str
    source: str
    since: tuple[int, int, int]
    fixes: Mapping[tuple[int, int], int]
    gone: tuple[int, int]

    def affects(self, version: Version) -> bool:
        if version.line >= self.gone:
            return False
        release = (*version.line, version.patch or 0)
        fixed = self.fixes.get(version.line)
        return release >= self.since and (fixed is None or (version.patch or 0) < fixed)

    @property
    def hole(self) -> Hole:
        fixed_in = [Version(*line, patch) for line, patch in sorted(self.fixes.items())]
        if self.gone <= _NEWEST_LINE:
            fixed_in.append(Version(*self.gone, 0))
        return Hole(
            id=self.id,
            title=self.title,
            consequence=self.consequence,
            fixed_in=tuple(fixed_in),
            source=self.source,
        )


_ENTRIES = (
    _Entry(
        id="CVE-2026-33343",
        title="nested transactions are not checked",
        consequence="anybody with a certificate of the client CA reads and writes every key, whatever the roles say",
        source=_ADVISORY + "GHSA-rfx7-8w68-q57q",
        since=(3, 3, 0),
        fixes={(3, 4): 42, (3, 5): 28, (3, 6): 9},
        gone=(3, 7),
    ),
    _Entry(
        id="CVE-2026-33413",
        title="calls without any check",
        consequence="anybody with a certificate of the client CA can compact the history, raise alarms, list members "
        "and keep the leases of others alive",
        source=_ADVISORY + "GHSA-q8m4-xhhv-38mg",
        since=(3, 0, 0),
        fixes={(3, 4): 42, (3, 5): 28, (3, 6): 9},
        gone=(3, 7),
    ),
    _Entry(
        id="GHSA-xg4h-6gfc-h4m8",
        title="an open-ended watch is checked as a single key",
        consequence="who may read one key can watch every key after it: with /calico/ also /registry/",
        source=_ADVISORY + "GHSA-xg4h-6gfc-h4m8",
        since=(3, 2, 0),
        fixes={(3, 5): 33, (3, 6): 14, (3, 7): 1},
        gone=(3, 8),
    ),
    _Entry(
        id="CVE-2026-44283",
        title="a put in a transaction is checked too little",
        consequence="who may only write a key can read its old value, and can attach keys to the leases of others",
        source=_ADVISORY + "GHSA-x35m-3gp4-4fh5",
        since=(3, 0, 0),
        fixes={(3, 4): 44, (3, 5): 30, (3, 6): 11},
        gone=(3, 7),
    ),
    _Entry(
        id="etcd-22386",
        title="a full database lets everybody delete keys, and take the role root",
        consequence="while the NOSPACE alarm is raised, which anybody who may write can bring about, every user can "
        "delete foreign keys, switch auth off, or take the role root and with it read everything",
        source="https://github.com/etcd-io/etcd/pull/22386",
        since=(3, 0, 0),
        fixes={},
        gone=(3, 6),
    ),
    _Entry(
        id="CVE-2023-32082",
        title="LeaseTimeToLive names keys without asking who may read them",
        consequence="the names of foreign keys that are attached to a lease can be read",
        source=_ADVISORY + "GHSA-3p4g-rcw5-8298",
        since=(3, 1, 0),
        fixes={(3, 4): 26, (3, 5): 9},
        gone=(3, 6),
    ),
    _Entry(
        id="etcd-empty-ranges",
        title="permissions on an empty key or range are accepted",
        consequence="a role can hold permissions that look like grants and grant nothing",
        source=_CHANGELOG,
        since=(3, 0, 0),
        fixes={(3, 4): 25, (3, 5): 8},
        gone=(3, 6),
    ),
    _Entry(
        id="CVE-2018-16886",
        title="the JSON gateway acts as the server certificate",
        consequence="every request through the gateway runs as the user named by the server certificate's Common Name",
        source="https://nvd.nist.gov/vuln/detail/CVE-2018-16886",
        since=(3, 2, 0),
        fixes={(3, 2): 26, (3, 3): 11},
        gone=(3, 4),
    ),
)


def holes(version: Version) -> tuple[Hole, ...]:
    """The known holes of a release, the widest first; of a whole line, those of its worst release.

    A line newer than all that were reviewed has none known: ask ``is_reviewed``.
    """
    return tuple(entry.hole for entry in _ENTRIES if entry.affects(version))


def is_reviewed(version: Version) -> bool:
    """Whether the release was there when the list was made; of a whole line, whether any of its releases was."""
    if version.line > _NEWEST_LINE:
        return False
    return version.patch is None or version.patch <= REVIEWED_UP_TO.get(version.line, version.patch)
