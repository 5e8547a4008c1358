"""Drop-ins for the units of kube-apiserver and of etcd members.

systemd cannot change a flag inside of a command, so a drop-in states the whole of it anew: for kube-apiserver the one
that its unit has, with the flags of etcd in place; for a member the one that reads the rendered file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ringfence.errors import ManifestError, Place, Problem
from ringfence.render.kube_apiserver.backend import Backend, in_use, other_store
from ringfence.render.usage import Usage, head

DROP_IN = "50-ringfence.conf"
_WORD = re.compile(r"""(?:[^\s"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')+""")
_PREFIXES = "@-:+!|"
_SAFE = re.compile(r"[A-Za-z0-9_./:,=@+-]+")
_HINT = "name the unit of kube-apiserver: `systemctl cat kube-apiserver > FILE`"


def member_drop_in(member: str, configuration: PurePosixPath) -> str:
    """The drop-in of a member's unit.

    Args:
        member: its name.
        configuration: where its ``etcd.conf.yml`` lies.
    """
    told = Usage(
        title=f"Drop-in of etcd member {member}",
        apply=(
            f"etcd.conf.yml as {configuration}, this file as /etc/systemd/system/etcd.service.d/{DROP_IN};",
            (
                "`systemctl daemon-reload && systemctl restart etcd`, one member after the other, each healthy before "
                "the next"
            ),
        ),
        undo=("remove this file; `systemctl daemon-reload && systemctl restart etcd`, in the same way",),
        notes=(
            "with --config-file etcd takes no other flag and no ETCD_ variable into account, whatever the unit sets.",
            "etcd is looked for where systemd looks (/usr/local/bin, /usr/bin); write its path where it is elsewhere.",
        ),
    )
    return head(told) + f"[Service]\nExecStart=\nExecStart=etcd --config-file={_word(str(configuration))}\n"


def kube_apiserver_drop_in(unit: str, file: str, flags: dict[str, str], backend: Backend = Backend.ETCD3) -> str:
    """The drop-in of kube-apiserver's unit.

    Args:
        unit: the unit, with its drop-ins behind it if there are any.
        file: its name, for the places of problems.
        flags: the flags of etcd with dashes, and their values; others of the command stay as they are.
        backend: the store of etcd that its keys lie in.

    Raises:
        ManifestError: it has no command of a kube-apiserver, or not one only; it uses the other store; or what stands
            in it cannot be told.
    """
    line, command = _command(unit, file)
    words = _WORD.findall(command)
    problems = list(_unusable(words, line, file)) or list(_of_another_store(words, line, file, backend))
    if problems:
        raise ManifestError(*problems)
    kept = list(_without(words, flags))
    ours = [_word(f"{name}={value}") for name, value in flags.items()]
    told = Usage(
        title="Drop-in of kube-apiserver's unit, made from its command as it was",
        apply=(
            (
                f"as /etc/systemd/system/kube-apiserver.service.d/{DROP_IN} on each control plane, one by one; "
                "`systemctl daemon-reload && systemctl restart kube-apiserver`, then `kubectl get --raw /readyz`"
            ),
        ),
        undo=("remove this file; `systemctl daemon-reload && systemctl restart kube-apiserver`",),
        notes=tuple(_notes(kept)),
    )
    lines = " \\\n  ".join((*kept, *ours))
    return head(told) + f"[Service]\nExecStart=\nExecStart={lines}\n"


def _command(unit: str, file: str) -> tuple[int, str]:
    """The line and the text of the command that systemd would run; an empty one takes back those before it."""
    found: list[tuple[int, str]] = []
    section = ""
    for number, line in _joined(unit):
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line.partition("=")[0].strip() == "ExecStart":
            command = line.partition("=")[2].strip()
            found = [*found, (number, command)] if command else []
    if len(found) != 1:
        what = "found no command of the service" if not found else "found more than one command of the service"
        place = Place(file, found[1][0]) if found else Place(file)
        raise ManifestError.of(what, place=place, hint=_HINT)
    return found[0]


def _joined(unit: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, those that end in a backslash with the next one; each with its number."""
    started, so_far = 0, ""
    for number, raw in enumerate(unit.splitlines(), 1):
        line = raw.strip()
        if line.startswith(("#", ";")):
            continue  # also between the parts of a command
        started = started or number
        so_far += line.removesuffix("\\").rstrip() + " "
        if not line.endswith("\\"):
            yield started, so_far.strip()
            started, so_far = 0, ""
    if so_far:
        yield started, so_far.strip()


def _unusable(words: Sequence[str], line: int, file: str) -> Iterator[Problem]:
    program = words[0].lstrip(_PREFIXES).strip("\"'").rpartition("/")[2] if words else ""
    if program not in {"kube-apiserver", "hyperkube", "kube-apiserver.sh"}:
        yield Problem(f"the command runs {program or 'nothing'}, not kube-apiserver", Place(file, line), _HINT)
    for word in words[1:]:
        if word in {";", "|", "&&"}:
            yield Problem(f"{word} separates two commands", Place(file, line), "leave one command in ExecStart")


def _of_another_store(words: Sequence[str], line: int, file: str, backend: Backend) -> Iterator[Problem]:
    """The release does not stand in a unit, so a unit that does not tell is taken for one of today."""
    wrong = other_store(in_use((word.strip("\"'") for word in _paired(words)), None), backend)
    if wrong is not None and not any(word.startswith("$") for word in words):
        yield Problem(wrong[0], Place(file, line), wrong[1])


def _paired(words: Sequence[str]) -> Iterator[str]:
    """The words, a flag and its value that are two made one."""
    for word, following in zip(words, (*words[1:], ""), strict=True):
        yield word if "=" in word else f"{word}={following}"


def _without(words: Sequence[str], flags: dict[str, str]) -> Iterator[str]:
    """The words but for the flags that are set anew, in either way of writing them."""
    is_value = False
    for word in words:
        name, equals, _ = word.strip("\"'").partition("=")
        name = f"--{name.lstrip('-')}" if name.startswith("-") else name
        if is_value and not word.startswith("-"):
            is_value = False
            continue
        is_value = False
        if name in flags:
            is_value = not equals
            continue
        yield word


def _notes(kept: Sequence[str]) -> Iterator[str]:
    variables = [word for word in kept if word.startswith("$")]
    if variables:
        yield (
            f"{', '.join(variables)} may bring flags of etcd too: take --etcd-servers out of the file that sets it "
            "(it adds up), the others below win."
        )
    yield "when the unit itself changes, render this again: the drop-in hides the unit's command."


def _word(text: str) -> str:
    """A word of a command as systemd reads it: specifiers and variables are not meant."""
    if _SAFE.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'
