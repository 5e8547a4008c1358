"""Reading ``cluster:``: endpoints, the etcd release, its members, its proxies and the holes that are accepted."""

from __future__ import annotations

from datetime import date
from pathlib import PurePosixPath

from ringfence.errors import Place
from ringfence.model.cluster import Member, Proxy, ProxyKind
from ringfence.model.version import Version
from ringfence.spec.addresses import read_hosts, read_url
from ringfence.spec.cluster.acceptances import read_acceptances
from ringfence.spec.cluster.members import read_members
from ringfence.spec.naming import read_member_name
from ringfence.spec.reader import Cursor
from ringfence.spec.shape import Cluster
from ringfence.spec.values import read_folder, read_version

OLDEST_ETCD = Version(3, 2)
"""The first line whose users can be certificates: etcd ``auth/store.go`` AuthInfoFromTLS, 3.2.0."""

OLDEST_V2 = Version(3, 0, 12)
"""The first release whose v2 users can be certificates, with the fixes that this needs (3.0.4 began it)."""

WITHOUT_V2 = Version(3, 6)
"""The first line without the v2 API (etcd ``CHANGELOG/CHANGELOG-3.6.md``)."""


def read_cluster(cursor: Cursor, today: date) -> tuple[Cluster, tuple[tuple[Member, Place], ...]]:
    """``cluster:`` with its defaults, and each member with its place.

    Args:
        cursor: the value of the key.
        today: the day against which accepted holes expire.
    """
    fields = cursor.fields(("name", "endpoints", "etcd", "api", "accept", "members", "proxies", "paths"))
    members = fields.read("members", read_members) or ()
    endpoints = fields.read("endpoints", _endpoints) or tuple(member.client for member, _ in members)
    if not endpoints and fields.get("endpoints") is None and fields.get("members") is None:
        fields.need("endpoints", "list the client URLs of the cluster: [https://HOST:2379]")
    api = fields.read("api", _api) or ("v3",)
    cluster = Cluster(
        name=fields.text("name") or "etcd",
        endpoints=endpoints,
        etcd=fields.read("etcd", lambda at: _etcd(at, fields.get("api"), api)),
        api=api,
        accept=fields.read("accept", lambda where: read_acceptances(where, today)) or (),
        members=tuple(member for member, _ in members),
        proxies=fields.read("proxies", _proxies) or (),
        paths_pki=fields.read("paths", _paths),
        place=cursor.place,
    )
    return cluster, members


def _endpoints(cursor: Cursor) -> tuple[str, ...]:
    endpoints: dict[tuple[str, int], str] = {}
    for item in cursor.items():
        url = read_url(item)
        if url is None:
            continue
        if url.address in endpoints:
            item.problem(f"{url.text} is listed twice", "keep one of them")
        else:
            endpoints[url.address] = url.text
    if cursor.is_empty_list:
        cursor.problem("needs at least one endpoint", "list the client URLs of the cluster: [https://HOST:2379]")
    return tuple(endpoints.values())


def _etcd(cursor: Cursor, asked: Cursor | None, api: tuple[str, ...]) -> Version | None:
    """The release, which must have the APIs that are ``asked`` for."""
    version = read_version(cursor)
    if version is None:
        return None
    if "v3" in api and version.line < OLDEST_ETCD.line:
        cursor.problem(
            f"etcd {version} knows no users by certificate", f"that came with {OLDEST_ETCD}: upgrade etcd first"
        )
    if "v2" in api and _numbers(version) < _numbers(OLDEST_V2):
        cursor.problem(
            f"etcd {version} knows no v2 users by certificate",
            f"{OLDEST_V2} is the first that can be used: upgrade etcd first",
        )
    if "v2" in api and version.line >= WITHOUT_V2.line:
        (asked or cursor).problem(
            f"etcd {version} has no v2 API", "it ended with 3.5: remove v2, or give the release that runs"
        )
    return version


def _numbers(version: Version) -> tuple[int, int, float]:
    """For comparing; a line of releases counts as its newest."""
    return *version.line, float("inf") if version.patch is None else version.patch


def _api(cursor: Cursor) -> tuple[str, ...]:
    apis: list[str] = []
    for item in cursor.items():
        word = item.word(("v2", "v3"))
        if word in apis:
            item.problem(f"{word} is listed twice", "keep one of them")
        elif word is not None:
            apis.append(word)
    if cursor.is_empty_list:
        cursor.problem("needs at least one API", "write [v3], or remove the key")
    return tuple(sorted(apis))


def _proxies(cursor: Cursor) -> tuple[Proxy, ...]:
    proxies: dict[str, Proxy] = {}
    for item in cursor.items():
        fields = item.fields(("name", "kind", "hosts"))
        named, kinds, listed = fields.need("name"), fields.need("kind", "gateway"), fields.need("hosts")
        name = None if named is None else read_member_name(named)
        kind = None if kinds is None else kinds.enum(ProxyKind)
        hosts = () if listed is None else read_hosts(listed)
        if kinds is not None and kind is ProxyKind.GRPC_PROXY:
            kinds.problem(
                "a grpc-proxy hides who its clients are: etcd sees its certificate, and its cache knows no users",
                "use kind: gateway, which passes TLS through, or let clients dial the members",
            )
        if name is None or kind is None:
            continue
        if name in proxies:
            item.problem(f"there are two proxies named {name}", "rename one of them")
            continue
        proxies[name] = Proxy(name=name, kind=kind, hosts=hosts)
    return tuple(proxies.values())


def _paths(cursor: Cursor) -> PurePosixPath | None:
    pki = cursor.fields(("pki",)).get("pki")
    return None if pki is None else read_folder(pki)
