"""What a release checks of requests on keys, and which hole each check that it leaves out is."""

from __future__ import annotations

import enum
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ringfence.model.version import Version
from ringfence.rules.calls import Call, Check, check, check_known, check_meant
from ringfence.rules.holes import holes

NEWEST = Version(3, 7, 1)
"""The release whose rules are meant where none is named: the first without a known hole in the newest line."""


class Gap(enum.Enum):
    """A check that some releases leave out; the values are the ids in ``holes``."""

    NESTED = "CVE-2026-33343"
    """Transactions inside of transactions are not looked at."""
    OPEN_WATCH = "GHSA-xg4h-6gfc-h4m8"
    """A watch without end is judged as a watch of its first key."""
    PUT_IN_TXN = "CVE-2026-44283"
    """A put inside a transaction needs neither READ for ``prev_kv`` nor WRITE on its lease's other keys."""
    CALLS = "CVE-2026-33413"
    """Calls that need root, a user or a lease's keys are open to everybody."""
    LEASE_KEYS = "CVE-2023-32082"
    """The names of the keys of a lease are told to everybody."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a release judges: its version, and the checks that it leaves out."""

    version: Version
    gaps: AbstractSet[Gap]

    @classmethod
    def of(cls, version: Version) -> Behaviour:
        """What the release really does; a line without a patch number is its worst release.

        Raises:
            InputError: the release is older than etcd 3.2.
        """
        check_known(version)
        known = {hole.id for hole in holes(version)}
        return cls(version, frozenset(gap for gap in Gap if gap.value in known))

    @classmethod
    def meant(cls, version: Version) -> Behaviour:
        """The rules as they are meant in this line of releases."""
        return cls(version, frozenset())

    def without(self, gap: Gap) -> Behaviour:
        """The same with one more check."""
        return Behaviour(self.version, self.gaps - {gap})

    def check(self, call: Call) -> Check:
        """What a call is checked for."""
        gap = Gap.LEASE_KEYS if call is Call.LEASE_KEYS else Gap.CALLS
        found = check(call, self.version)
        if gap in self.gaps or found is not Check.NOTHING:
            return found
        return check_meant(call, self.version)
