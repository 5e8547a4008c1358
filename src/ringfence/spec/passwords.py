"""Reading ``password:``: where a password stands, since the spec itself is no place for one."""

from __future__ import annotations

import re
from pathlib import Path

from ringfence.spec.reader import Cursor, shown
from ringfence.spec.shape import PasswordSource
from ringfence.yamlio import nodes

GATEWAY = (
    "speaks etcd's JSON gateway, which takes no Common Name for a user (etcd 3.4 and later answer 400 to such a "
    "certificate): it needs a password"
)
"""Why a component needs a password; said of its name."""

WHERE = "say where it stands: password: {file: NAME.pw} or password: {env: NAME}"
ONLY_GATEWAY = "only a client of the JSON gateway logs in by password"
UNUSABLE = PasswordSource()
"""What stands in for a source that is written and cannot be used, so that nobody is told that it is missing."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_password(cursor: Cursor, folder: Path, kind: str = "password", where: str = WHERE) -> PasswordSource | None:
    """``{file: ...}`` or ``{env: ...}``; what is written where neither stands is never repeated in a message.

    Args:
        cursor: the value of the key.
        folder: the folder of the spec, against which the file is resolved.
        kind: what it is called in messages.
        where: the hint that shows how to say where it stands.
    """
    if not isinstance(cursor.node, nodes.Mapping):
        cursor.problem(f"a {kind} does not belong in a spec, which is copied, reviewed and kept", where)
        return None
    fields = cursor.fields(("file", "env"))
    file, variable = fields.get("file"), fields.get("env")
    if (file is None) == (variable is None):
        cursor.problem("needs one of file, env", where)
        return None
    if variable is not None:
        name = variable.text()
        if name is None or _VARIABLE.fullmatch(name):
            return None if name is None else PasswordSource(variable=name)
        variable.problem("is no name of an environment variable", "name the variable that holds it, without $")
        return None
    assert file is not None
    path = file.text()
    if path is None or not path.strip() or not path.isprintable():
        if path is not None:
            file.problem(f"{shown(path)} is no path", "name the file that holds it, relative to the spec")
        return None
    return PasswordSource(file=folder / path)
