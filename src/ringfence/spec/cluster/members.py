"""Reading ``cluster.members``: names, hosts, and the URLs that follow from them unless they are written."""

from __future__ import annotations

from pathlib import PurePosixPath

from ringfence.errors import Place
from ringfence.model.cluster import Member
from ringfence.spec.addresses import Url, is_loopback, parse_url, read_hosts, read_url, url_of
from ringfence.spec.naming import read_member_name
from ringfence.spec.reader import Cursor, Fields
from ringfence.spec.values import read_folder

CLIENT_PORT = 2379
PEER_PORT = 2380
METRICS_URL = "http://127.0.0.1:2381"
DATA_DIR = PurePosixPath("/var/lib/etcd")


def read_members(cursor: Cursor) -> tuple[tuple[Member, Place], ...]:
    """The members, each with its place; names and listeners are told apart."""
    members: list[tuple[Member, Place]] = []
    names: dict[str, Cursor] = {}
    listeners: dict[tuple[str, ...], str] = {}
    for item in cursor.items():
        fields = item.fields(("name", "hosts", "client", "peer", "metrics", "data-dir"))
        named, listed = (
            fields.need("name"),
            fields.need("hosts", "its names and addresses: [10.0.0.1, etcd-1.internal]"),
        )
        name = None if named is None else read_member_name(named)
        hosts = () if listed is None else read_hosts(listed)
        client = _url(fields, "client", hosts, CLIENT_PORT)
        peer = _url(fields, "peer", hosts, PEER_PORT)
        metrics = _metrics(fields)
        folder = fields.get("data-dir")
        data_dir = DATA_DIR if folder is None else read_folder(folder)
        if name is not None and name in names:
            item.problem(f"there are two members named {name}, the first on line {names[name].line}", "rename one")
            continue
        if name is None or client is None or peer is None or metrics is None or data_dir is None:
            continue
        names[name] = item
        for kind, url in (("client", client), ("peer", peer), ("metrics", metrics)):
            # A loopback listener is another one on each machine, and the client URL tells the machines apart.
            machine = client.host if is_loopback(url.host) else ""
            listener = (machine, url.host, str(url.port))
            if listener in listeners:
                item.problem(f"{kind} {url.text} is already {listeners[listener]}", "give it another port")
            listeners.setdefault(listener, f"the {kind} URL of {name}")
        member = Member(
            name=name,
            hosts=hosts,
            client=client.text,
            peer=peer.text,
            metrics=metrics.text,
            data_dir=data_dir,
        )
        members.append((member, item.place))
    if cursor.is_empty_list:
        cursor.problem("needs at least one member", "list them, or remove the key")
    return tuple(members)


def _url(fields: Fields, key: str, hosts: tuple[str, ...], port: int) -> Url | None:
    """The URL under ``key``, or the default from the first host."""
    cursor = fields.get(key)
    if cursor is not None:
        return read_url(cursor)
    return _certain(url_of("https", hosts[0], port)) if hosts else None


def _metrics(fields: Fields) -> Url | None:
    cursor = fields.get("metrics")
    if cursor is None:
        return _certain(METRICS_URL, ("http",))
    url = read_url(cursor, ("https", "http"))
    if url is not None and url.scheme == "http" and not is_loopback(url.host):
        cursor.problem(
            "plain http is only served on loopback", "metrics tell key counts and names of members: use https"
        )
        return None
    return url


def _certain(text: str, schemes: tuple[str, ...] = ("https",)) -> Url | None:
    """A URL of our own making; None where a host cannot be dialled, such as 0.0.0.0, which has been reported."""
    url = parse_url(text, schemes)
    return url if isinstance(url, Url) else None
