"""What ``check`` found for the v2 store, as text and as data."""

from __future__ import annotations

from collections.abc import Iterable

from ringfence.model.text import span_text
from ringfence.model.v2 import GUEST, Pattern
from ringfence.reports.table import counted, table
from ringfence.wanted.proved.closed_v2 import ClosureV2
from ringfence.wanted.v2.wanted import IdentityV2, WantedV2
from ringfence.yamlio.dump import Plain


def check_v2_text(wanted: WantedV2) -> str:
    """A table of the segments with whoever belongs to each, and whether any two of them meet."""
    rows = [("SEGMENT IN V2", "WHO", "MAY READ", "MAY WRITE")]
    for segment in wanted.segments:
        owner = str(segment.owner)
        for identity in wanted.identities:
            if identity.owner == segment.owner:
                rows.append((owner, str(identity.user), _list(identity.reach.read), _list(identity.reach.write)))
                owner = ""
    if len(rows) == 1:
        return "no component in v2: nothing is fenced in there"
    shared = ", ".join(span_text(span) for span in wanted.shared)
    how = f"who share what shares-with says: {shared}" if shared else "no two of which have a path in common"
    return f"{table(rows)}\n\n{counted(len(wanted.segments), 'segment')} in v2, {how}"


def closure_v2_text(closure: ClosureV2) -> str:
    """Whether somebody else reaches a segment, and who."""
    if not closure.intruders:
        asked = counted(closure.questions, "question")
        return f"nobody else reaches a segment in v2 ({asked} to etcd's own rules: whose patterns meet each pattern)"
    return "\n".join(
        f"NOT closed in v2: {one.user or GUEST} may {one.access.value} {one.pattern} of {one.owner}"
        for one in closure.intruders
    )


def check_v2_json(wanted: WantedV2, closure: ClosureV2 | None = None) -> dict[str, Plain]:
    """The same as data: ``{"closed", "segments": [{"owner", "patterns"}], "identities": [...]}``.

    ``closed`` is null where nobody asked.
    """
    return {
        "closed": None if closure is None else not closure.intruders,
        "segments": [{"owner": each.owner, "patterns": _texts(each.patterns)} for each in wanted.segments],
        "identities": [_identity(each) for each in wanted.identities],
    }


def _identity(identity: IdentityV2) -> Plain:
    return {
        "name": identity.user,
        "kind": identity.label,
        "segment": identity.owner,
        "read": _texts(identity.reach.read),
        "write": _texts(identity.reach.write),
        "certificates": len(identity.certificates),
        "place": str(identity.place),
    }


def _list(patterns: Iterable[Pattern]) -> str:
    return " ".join(sorted(each.text for each in patterns)) or "nothing"


def _texts(patterns: Iterable[Pattern]) -> list[Plain]:
    return [each.text for each in sorted(patterns)]
