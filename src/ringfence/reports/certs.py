"""Certificates for people and for programs: what was issued, what there is, until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ringfence.errors import Problem
from ringfence.model.certificate import CertificateKind
from ringfence.model.issuance import Condition, Effect, Ending, Issuance, ListedCertificate, Uptake
from ringfence.reports.table import counted, table

_SHOWN = 3
_UPTAKES = {
    Uptake.HANDSHAKE: "nothing to restart: it reads them at each new connection, and keeps open ones as they are",
    Uptake.RUN: "nothing to restart: they are read at each run",
    Uptake.POD: "re-create the calico-node pods: that alone copies them to the host for the CNI plugin",
    Uptake.UNKNOWN: "restart it, unless it is known to read its files again",
}


def issued_json(result: Issuance) -> dict[str, object]:
    """What ``certs issue`` did; names are file names without ``.pem``."""
    return {
        "authority_created": result.authority_created,
        "created": list(result.created),
        "replaced": [
            {"name": each.name, "was": each.condition.value, "reasons": [reason.what for reason in each.reasons]}
            for each in result.replaced
        ],
        "kept": list(result.kept),
        "set_aside": None if result.set_aside is None else str(result.set_aside),
        "effects": effects_json(result.effects),
        "cut": None
        if result.cut is None
        else {"authority": result.cut.authority, "not_after": _second(result.cut.not_after)},
    }


def issued_text(result: Issuance) -> str:
    """A line for each certificate that was made, and one that counts."""
    lines = ["  + ca: the authority; guard ca-key.pem"] if result.authority_created else []
    lines.extend(f"  + {name}" for name in result.created)
    lines.extend(f"  ~ {each.name}: {_why(each.condition, each.reasons)}" for each in result.replaced)
    if result.set_aside is not None:
        lines.append(f"  ! what was wrong lies in {result.set_aside}")
    lines += _cut(result.cut)
    made = len(result.created) + len(result.replaced)
    counts = f"Issued {counted(made, 'certificate')}, kept {len(result.kept)}."
    return "\n".join([*lines, counts, *uptakes(result.effects)])


def renewed_text(result: Issuance) -> str:
    """A line for each certificate that was renewed, one that counts, and what makes the new files count."""
    lines = [f"  + {name}" for name in result.created]
    for each in result.replaced:
        why = "" if each.condition is Condition.GOOD else f": {_why(each.condition, each.reasons)}"
        lines.append(f"  ~ {each.name}{why}")
    if result.set_aside is not None:
        lines.append(f"  ! what was wrong lies in {result.set_aside}")
    lines += _cut(result.cut)
    made = len(result.created) + len(result.replaced)
    counts = f"Renewed {counted(made, 'certificate')}, kept {len(result.kept)}."
    return "\n".join([*lines, counts, *uptakes(result.effects)])


def expiring_text(found: tuple[ListedCertificate, ...], now: datetime) -> str:
    """The list of what ends soon or cannot be used, and what to do about it."""
    if not found:
        return "No certificate ends within that time, and none is missing or wrong."
    lines = [_listed_lines(found, now)]
    broken = [each for each in found if each.is_broken]
    if broken:
        lines.append(f"{_counts(broken)}: `ringfence certs issue` sees to it, or says what stands in its way.")
    ending = [each for each in found if not each.is_broken and each.request is not None]
    if ending:
        lines.append(f"{counted(len(ending), 'certificate')} near the end: `ringfence certs renew --within TIME`.")
    return "\n".join(lines)


def listed_json(found: tuple[ListedCertificate, ...]) -> dict[str, object]:
    """The JSON contract of ``certs list``; what could not be read has nulls."""
    return {"certificates": [_listed(each) for each in found]}


def listed_text(found: tuple[ListedCertificate, ...], now: datetime) -> str:
    """One line a certificate, below it what is wrong, and how many that are wanted are not good."""
    text = _listed_lines(found, now)
    wanted = [each for each in found if each.is_wanted]
    not_good = [each for each in wanted if each.condition is not Condition.GOOD]
    return f"{text}\n{_counts(not_good)}, of {len(wanted)}." if not_good else text


def _counts(found: Sequence[ListedCertificate]) -> str:
    """How many, by their condition."""
    conditions = [each.condition for each in found]
    told = (f"{conditions.count(each)} {each.value}" for each in Condition if each in conditions)
    return f"Not good: {', '.join(told)}"


def _listed_lines(found: tuple[ListedCertificate, ...], now: datetime) -> str:
    rows = [["NAME", "KIND", "CN", "VALID UNTIL", "LEFT", "CONDITION"]]
    for each in found:
        info = each.certificate
        names = ", ".join(info.common_names) if info else ""
        until = f"{info.not_after:%Y-%m-%d}" if info else "-"
        left = f"{(info.not_after - now).days} d" if info else "-"
        rows.append([each.name, _kind(each.kind), names or "-", until, left, _condition(each)])
    reasons = [f"  ! {each.name}: {reason.what}" for each in found for reason in each.reasons]
    return "\n".join([table(rows), *reasons])


def effects_json(effects: tuple[Effect, ...]) -> list[dict[str, object]]:
    """By component, how what was replaced gets into use."""
    return [{"component": each.component, "names": list(each.names), "uptake": each.uptake.value} for each in effects]


def uptakes(effects: tuple[Effect, ...]) -> list[str]:
    """What makes new files count, a line for each component; nothing where nothing was replaced."""
    if not effects:
        return []
    lines = ["Bring the new files to where they are used; then:"]
    for each in effects:
        names = ", ".join(each.names[:_SHOWN])
        more = f" and {len(each.names) - _SHOWN} more" if len(each.names) > _SHOWN else ""
        lines.append(f"  {each.component} ({names}{more}): {_UPTAKES[each.uptake]}")
    return lines


def _listed(each: ListedCertificate) -> dict[str, object]:
    info = each.certificate
    names = info.common_names if info else ()
    return {
        "name": each.name,
        "cn": names[0] if len(names) == 1 else None,
        "kind": _kind(each.kind),
        "not_after": _second(info.not_after) if info else None,
        "serial": info.serial if info else None,
        "path": str(each.path),
        "condition": each.condition.value,
        "key_on_node": each.key_on_node,
        "reasons": [reason.what for reason in each.reasons],
    }


def _cut(ending: Ending | None) -> list[str]:
    """That new certificates live shorter than asked, if so."""
    if ending is None:
        return []
    return [f"  ! cut: the authority {ending.authority} ends {ending.not_after:%Y-%m-%d}, and with it what it signs"]


def _second(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _condition(each: ListedCertificate) -> str:
    return f"{each.condition.value}, key on its node" if each.key_on_node else each.condition.value


def _kind(kind: CertificateKind | None) -> str:
    return "unknown" if kind is None else kind.value


def _why(condition: Condition, reasons: tuple[Problem, ...]) -> str:
    return "; ".join(reason.what for reason in reasons) if reasons else condition.value
