"""Names that become certificates, files and etcd users: what may stand in them, and which are taken.

An identity is the Common Name of a certificate (64 bytes at most, RFC 5280 ub-common-name), a file ``NAME.pem`` in
the pki folder and a user in etcd, so it must be fit for all three.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ringfence.errors import Place
from ringfence.model.cluster import Member
from ringfence.model.names import COMMON_NAME_BYTES, ROOT_USER, UserName
from ringfence.spec.reader import Cursor, Fields, Report, shown
from ringfence.yamlio import nodes

_FORM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:+-]*")
_MEMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Identity:
    """A name that is taken: by a user, a certificate's file or both; and where that is written.

    ``is_role`` tells whether a role has this name too.
    """

    name: str
    cursor: Cursor
    is_role: bool = True

    @property
    def user(self) -> UserName:
        """The user in etcd that the name makes."""
        return UserName(self.name)


def read_member_name(cursor: Cursor) -> str | None:
    """The name of a member or proxy: etcd's ``--name``, and the start of file names."""
    written = cursor.text()
    if written is None:
        return None
    if not _MEMBER.fullmatch(written):
        cursor.problem(f"{shown(written)} is no usable name", "use letters, digits, dots, dashes and underscores")
        return None
    if len(written) > COMMON_NAME_BYTES:
        cursor.problem(f"the name is {len(written)} bytes long", f"{COMMON_NAME_BYTES} are the most")
        return None
    return written


def read_identity(cursor: Cursor) -> str | None:
    """The name of somebody who logs in by certificate."""
    written = cursor.text()
    if written is None or not check_identity(cursor, written):
        return None
    return written


def read_name(fields: Fields, default: str) -> Identity:
    """The identity of a component of the catalog; the default where it is not written, or not usable."""
    cursor = fields.get("name")
    if cursor is None:
        return Identity(default, fields.owner)
    return Identity(read_identity(cursor) or default, cursor)


def check_identity(cursor: Cursor, written: str) -> bool:
    """Whether ``written`` can be a Common Name and a file name; notes what is wrong with it."""
    length = len(written.encode(errors="surrogatepass"))
    if not written.strip():
        cursor.problem("the identity is empty", "it is the Common Name of a certificate and an etcd user")
    elif written == ROOT_USER:
        cursor.problem("root is the administrator's identity", "choose another name")
    elif written == "ca":
        cursor.problem("ca is the file name of the certificate authority", "choose another name")
    elif length > COMMON_NAME_BYTES:
        cursor.problem(
            f"the identity is {length} bytes long", f"a certificate's Common Name holds {COMMON_NAME_BYTES} at most"
        )
    elif written.endswith("-key"):
        cursor.problem(f"{written}.pem would be taken for a private key", "choose a name that does not end in -key")
    elif not _FORM.fullmatch(written):
        cursor.problem(
            f"{shown(written)} is no usable identity",
            "it becomes a file name: use letters, digits and . _ - @ : +, a letter, digit or _ first",
        )
    else:
        return True
    return False


def is_identity(name: str) -> bool:
    """Whether ``check_identity`` would find nothing wrong with a name that stands in no file yet."""
    return check_identity(Cursor(nodes.Scalar(name, False, nodes.Extent(0, 0, 1, 0)), 1, "", Report("")), name)


def check_taken(identities: Iterable[Identity], members: Iterable[tuple[Member, Place]]) -> None:
    """Note every identity that is also a member's, or that two share; both places are named."""
    taken: dict[str, str] = {}
    for member, place in members:
        where = f"{place.path} on line {place.line}"
        taken[member.name] = f"is the name of a member ({where})"
        for name in member_files(member):
            taken[name] = f"is the file name of a member's certificate ({where})"
    holders: dict[str, Cursor] = {}
    for identity in identities:
        first = holders.get(identity.name)
        if identity.name in taken:
            identity.cursor.problem(f"{identity.name} {taken[identity.name]}", "choose another name")
        elif first is not None:
            identity.cursor.problem(
                f"{identity.name} is also the identity of {_other(first, identity.cursor)}",
                "two that share a certificate cannot be told apart: name one of them otherwise",
            )
        else:
            holders[identity.name] = identity.cursor


def _other(first: Cursor, second: Cursor) -> str:
    """Where ``first`` stands, for whoever looks at ``second``."""
    if first.report.file != second.report.file or not first.path:
        return str(first.place)
    return f"{first.path} on line {first.line}"


def member_files(member: Member) -> tuple[str, str]:
    """The names of a member's two certificates: the one it serves clients with, and the one for its peers."""
    return f"{member.name}-server", f"{member.name}-peer"
