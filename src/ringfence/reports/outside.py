"""Requests to an authority elsewhere and what came of them, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator

from ringfence.model.outside import Acceptance, Awaited, Requested, Waiting
from ringfence.reports.certs import effects_json, uptakes
from ringfence.reports.table import counted


def requested_json(result: Requested) -> dict[str, object]:
    """The JSON contract of ``certs issue`` with an authority elsewhere."""
    return {
        "made": list(result.made),
        "remade": [{"name": each.name, "reasons": [reason.what for reason in each.reasons]} for each in result.remade],
        "kept": list(result.kept),
        "waiting": [_waiting(each) for each in result.waiting],
        "manifest": str(result.manifest),
        "set_aside": None if result.set_aside is None else str(result.set_aside),
    }


def requested_text(result: Requested) -> str:
    """A line for each request that was made or is waited for, and what to do next."""
    made, remade = set(result.made), {each.name: each for each in result.remade}
    lines = []
    for each in result.waiting:
        if each.name in remade:
            why = "; ".join(reason.what for reason in remade[each.name].reasons)
            lines.append(f"  ~ {each.name}: made anew, with a new key: {why}")
        else:
            lines.append(f"  {'+' if each.name in made else '.'} {_awaited(each)}")
    lines.extend(f"  ! {each.name}: {reason.what}" for each in result.waiting for reason in each.reasons)
    if result.set_aside is not None:
        lines.append(f"  ! keys that nobody waits for any more lie in {result.set_aside}")
    count = len(result.made) + len(result.remade)
    lines.append(f"Made {counted(count, 'request')}, {len(result.waiting)} waited for, kept {len(result.kept)}.")
    return "\n".join([*lines, *_next(result)])


def accepted_json(result: Acceptance) -> dict[str, object]:
    """The JSON contract of ``certs accept``."""
    return {
        "authorities": [
            {"subject": each.subject, "sha256": each.sha256, "not_after": f"{each.not_after:%Y-%m-%dT%H:%M:%SZ}"}
            for each in result.authorities
        ],
        "accepted": list(result.accepted),
        "replaced": list(result.replaced),
        "unchanged": list(result.unchanged),
        "refused": [
            {"file": None if each.place is None else each.place.file, "what": each.what, "hint": each.hint}
            for each in result.problems
        ],
        "waiting": [_waiting(each) for each in result.waiting],
        "set_aside": None if result.set_aside is None else str(result.set_aside),
        "effects": effects_json(result.effects),
    }


def accepted_text(result: Acceptance) -> str:
    """A line for each certificate that was accepted or is waited for; why others were not is told as problems."""
    lines = []
    for each in result.authorities:
        lines.append(f"  + ca: {each.subject or 'without a subject'}, until {each.not_after:%Y-%m-%d}; compare SHA-256")
        lines.append(f"    {each.sha256}")
    lines.extend(f"  + {name}" for name in result.accepted)
    lines.extend(f"  . {_awaited(each)}" for each in result.waiting)
    if result.set_aside is not None:
        lines.append(f"  ! what was replaced lies in {result.set_aside}")
    count = counted(len(result.accepted), "certificate")
    before = f", {len(result.unchanged)} in use already" if result.unchanged else ""
    lines.append(f"Accepted {count}{before}, {len(result.waiting)} waited for.")
    return "\n".join([*lines, *uptakes(result.effects)])


def _awaited(each: Waiting) -> str:
    maker = ""
    if each.awaited is Awaited.REQUEST:
        by = "`ringfence certs issue`" if each.script is None else f"{each.script.name}, where the key is used"
        maker = f", made by {by}"
    return f"{each.name}: waits for {each.file.name}{maker}"


def _next(result: Requested) -> Iterator[str]:
    awaited = {each.awaited for each in result.waiting}
    folder = result.manifest.parent
    if Awaited.REQUEST in awaited:
        yield f"Next: run each script of {folder} on its machine, and bring back the .csr files."
    if Awaited.CERTIFICATE in awaited:
        yield f"Next: hand {folder} to the authority, put what it signed there, and run `ringfence certs accept`."


def _waiting(each: Waiting) -> dict[str, object]:
    return {
        "name": each.name,
        "for": each.awaited.value,
        "file": str(each.file),
        "script": None if each.script is None else str(each.script),
        "reasons": [reason.what for reason in each.reasons],
    }
