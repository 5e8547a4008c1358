"""Certificates for people and for programs: what was issued, what there is, until when."""

from __future__ import annotations

from datetime import datetime

from ringfence.errors import Problem
from ringfence.model.certificate import CertificateKind
from ringfence.model.issuance import Condition, Issuance, ListedCertificate
from ringfence.reports.table import counted, table


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
    }


def issued_text(result: Issuance) -> str:
    """A line for each certificate that was made, and one that counts."""
    lines = ["  + ca: the authority; guard ca-key.pem"] if result.authority_created else []
    lines.extend(f"  + {name}" for name in result.created)
    lines.extend(f"  ~ {each.name}: {_why(each.condition, each.reasons)}" for each in result.replaced)
    if result.set_aside is not None:
        lines.append(f"  ! what was replaced lies in {result.set_aside}")
    made = len(result.created) + len(result.replaced)
    return "\n".join([*lines, f"Issued {counted(made, 'certificate')}, kept {len(result.kept)}."])


def listed_json(found: tuple[ListedCertificate, ...]) -> dict[str, object]:
    """The JSON contract of ``certs list``; what could not be read has nulls."""
    return {"certificates": [_listed(each) for each in found]}


def listed_text(found: tuple[ListedCertificate, ...], now: datetime) -> str:
    """One line a certificate, and below it what is wrong."""
    rows = [["NAME", "KIND", "CN", "VALID UNTIL", "LEFT", "CONDITION"]]
    for each in found:
        info = each.certificate
        names = ", ".join(info.common_names) if info else ""
        until = f"{info.not_after:%Y-%m-%d}" if info else "-"
        left = f"{(info.not_after - now).days} d" if info else "-"
        rows.append([each.name, _kind(each.kind), names or "-", until, left, each.condition.value])
    reasons = [f"  ! {each.name}: {reason.what}" for each in found for reason in each.reasons]
    return "\n".join([table(rows), *reasons])


def _listed(each: ListedCertificate) -> dict[str, object]:
    info = each.certificate
    names = info.common_names if info else ()
    return {
        "name": each.name,
        "cn": names[0] if len(names) == 1 else None,
        "kind": _kind(each.kind),
        "not_after": f"{info.not_after:%Y-%m-%dT%H:%M:%SZ}" if info else None,
        "serial": info.serial if info else None,
        "path": str(each.path),
        "condition": each.condition.value,
        "reasons": [reason.what for reason in each.reasons],
    }


def _kind(kind: CertificateKind | None) -> str:
    return "unknown" if kind is None else kind.value


def _why(condition: Condition, reasons: tuple[Problem, ...]) -> str:
    return "; ".join(reason.what for reason in reasons) if reasons else condition.value
