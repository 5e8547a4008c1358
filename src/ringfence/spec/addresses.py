"""Hosts and URLs: what a certificate can carry and what a client can dial."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass

from ringfence.spec.reader import Cursor, shown

_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)", re.DOTALL)
_AUTHORITY = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{1,9}))?")


@dataclass(frozen=True, slots=True)
class Url:
    """A URL of etcd, as written and taken apart. ``host`` carries no brackets and is in lower case."""

    text: str
    scheme: str
    host: str
    port: int

    @property
    def address(self) -> tuple[str, int]:
        """What two listeners cannot share."""
        return self.host, self.port


def read_hosts(cursor: Cursor) -> tuple[str, ...]:
    """The DNS names and IP addresses of a certificate: at least one, none twice."""
    hosts: list[str] = []
    seen = False
    for item, host in cursor.texts():
        seen = True
        if not is_host(host):
            item.problem(f"{shown(host)} is neither a DNS name nor an IP address", "write it without scheme and port")
        elif host.lower() in (known.lower() for known in hosts):
            item.problem(f"{host} is listed twice", "keep one of them")
        else:
            hosts.append(host)
    if not seen:
        cursor.problem("needs at least one host", "list the names and addresses that clients and members dial")
    return tuple(hosts)


def read_url(cursor: Cursor, schemes: Collection[str] = ("https",)) -> Url | None:
    """The ``scheme://host:port`` written at ``cursor``, with one of ``schemes``."""
    written = cursor.text()
    if written is None:
        return None
    parsed = parse_url(written, schemes)
    if isinstance(parsed, Url):
        return parsed
    cursor.problem(*parsed)
    return None


def parse_url(written: str, schemes: Collection[str] = ("https",)) -> Url | tuple[str, str | None]:
    """The URL, or what is wrong with it and a hint."""
    form = _URL.fullmatch(written)
    if form is None:
        return f"{shown(written)} is not a URL", "write it as https://HOST:PORT"
    scheme = form["scheme"].lower()
    if scheme not in schemes:
        if scheme == "http":
            return "plain http is refused", "without TLS there are no certificates: write https://HOST:PORT"
        return f"{scheme} is not https", "write it as https://HOST:PORT"
    if "@" in form["authority"]:
        return "holds a user or a password", "write it as https://HOST:PORT; clients authenticate by certificate"
    parts = _AUTHORITY.fullmatch(form["authority"])
    if parts is None or not is_host(parts["host"].strip("[]")) or (":" in parts["host"]) != ("[" in parts["host"]):
        return f"{shown(written)} has no usable host", "write it as https://HOST:PORT, an IPv6 address in [brackets]"
    if parts["port"] is None:
        return f"{shown(written)} has no port", "etcd serves clients on 2379 and peers on 2380"
    if not 1 <= int(parts["port"]) <= 65535:
        return f"{parts['port']} is no port", "a port lies between 1 and 65535"
    if form["rest"]:
        return f"{shown(form['rest'])} follows the port", f"write {scheme}://{form['authority']}"
    host = parts["host"].strip("[]").lower()
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - refused, not bound
        return f"{host} is an address to listen on, not one to reach", "write the address that others dial"
    return Url(written, scheme, host, int(parts["port"]))


def is_host(text: str) -> bool:
    """Whether ``text`` is an IP address or a DNS name that a certificate can carry."""
    if is_address(text):
        return True
    labels = text.split(".")
    return len(text) <= 253 and all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdecimal()


def is_address(text: str) -> bool:
    """Whether ``text`` is an IPv4 or IPv6 address, without zone."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def is_loopback(host: str) -> bool:
    """Whether only the machine itself reaches ``host``."""
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)


def url_of(scheme: str, host: str, port: int) -> str:
    """The URL of a host, an IPv6 address in brackets."""
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
