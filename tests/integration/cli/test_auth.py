"""``auth status`` and ``auth disable`` on a real cluster; ``auth confirm`` is in the tests of the guard."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socketserver
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from ringfence.etcd import rpcs
from ringfence.etcd.client import Client
from ringfence.etcd.schema import new
from ringfence.model.certificate import KeyType
from ringfence.model.names import ROOT_ROLE, ROOT_USER
from ringfence.pki.issuing.authority import FileAuthority
from ringfence.pki.login import fleeting_credentials
from tests.integration.legacy import LegacySite
from tests.integration.site import Site

MEMBERS = ["etcd-1", "etcd-2", "etcd-3"]
UNTRUSTED = "the server's certificate is not from a CA that is trusted"
NOT_OURS = "is the CA file the one of this cluster, and the endpoint the one you mean?"


@contextlib.contextmanager
def impostor(site: Site, port: int | None) -> Iterator[None]:
    """Something on that port that speaks TLS with a certificate of another authority."""
    now = datetime.now(UTC)
    other, _ = FileAuthority.create(KeyType.ECDSA_P256, timedelta(days=1), now)
    shown = fleeting_credentials(other, ROOT_USER, now)
    assert shown.certificate is not None
    assert shown.key is not None
    pair = site.folder / "impostor.pem"
    pair.write_bytes(shown.certificate + shown.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    context.set_alpn_protocols(["h2"])

    class Handshake(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):  # nobody who looks at the certificate goes on
                context.wrap_socket(self.request, server_side=True).close()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    with Server(("127.0.0.1", port or 0), Handshake) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


def test_healthy(site: Site) -> None:
    """Exit 0; each member tells the same, its metrics tell open watches, and the last guard stood down."""
    site.fence()
    ran = site.run("auth", "status", "-o", "json")
    assert (0, True) == (ran.code, ran.json["healthy"])
    assert MEMBERS == [member["name"] for member in ran.json["members"]]
    for member in ran.json["members"]:
        assert (True, 4, 4) == (member["enabled"], member["users"], member["roles"])
        assert 0 <= member["watchers"]
        assert 0 <= member["watch_streams"]
    assert 1 == len({member["auth_revision"] for member in ran.json["members"]})
    assert ("stood-down", False) == (ran.json["guard"]["state"], ran.json["guard"]["alive"])
    assert "healthy: auth is on, on each of the 3 members" in site.run("auth", "status").out


def test_nothing_yet(site: Site) -> None:
    """A new cluster: exit 2, and what to do first."""
    ran = site.run("auth", "status")
    assert 2 == ran.code
    assert "nothing-yet: auth is off, and there are no users\n  hint: `ringfence apply` begins\n" in ran.out


def test_one_member_is_down(site: Site) -> None:
    """The others are asked all the same; what the silent one has is not known."""
    site.fence()
    site.cluster.kill("etcd-2")
    ran = site.run("auth", "status", "-o", "json")
    assert 2 == ran.code
    assert ["silent-member"] == [finding["kind"] for finding in ran.json["findings"]]
    assert [True, None, True] == [member["enabled"] for member in ran.json["members"]]


def test_a_member_that_is_down_may_be_started(site: Site) -> None:
    """Nothing listens there: that is asked for, where its certificate is not trusted nobody speaks of starting it."""
    site.fence()
    site.cluster.kill("etcd-2")
    (finding,) = site.run("auth", "status", "-o", "json").json["findings"]
    assert f"member etcd-2 cannot be asked: {site.endpoints[1]}: nothing listens there" == finding["what"]
    assert "is etcd running, and is that its port?" == finding["hint"]


def test_members_that_are_not_trusted_run(site: Site) -> None:
    """With the pki folder of another authority each member is told of, with what to look at: they all run."""
    site.fence()
    shutil.rmtree(site.pki)
    assert 0 == site.run("certs", "issue").code
    ran = site.run("auth", "status", "-o", "json")
    assert 2 == ran.code
    findings = [each for each in ran.json["findings"] if each["kind"] == "silent-member"]
    expected = [
        f"member {name} cannot be asked: {url}: {UNTRUSTED}" for name, url in zip(MEMBERS, site.endpoints, strict=True)
    ]
    assert expected == [each["what"] for each in findings]
    assert {NOT_OURS} == {each["hint"] for each in findings}


def test_of_two_stores_a_silent_member_is_told_of_once(legacy_site: LegacySite) -> None:
    """What stands in the way of v3 stands in the way of v2; the hint is the same, and v2 is not called healthy."""
    shutil.rmtree(legacy_site.pki)
    assert 0 == legacy_site.run("certs", "issue").code
    ran = legacy_site.run("auth", "status", "-o", "json")
    assert 2 == ran.code
    assert [("silent-member", NOT_OURS)] * 3 == [(each["kind"], each["hint"]) for each in ran.json["findings"]]
    assert [UNTRUSTED] * 3 == [each["problem"].split(": ", 1)[1] for each in ran.json["members_v2"]]


def test_one_member_that_is_not_trusted(site: Site) -> None:
    """Its port answers with a certificate of another authority: it is told what that means, by verify too."""
    site.fence()
    site.cluster.kill("etcd-2")
    with impostor(site, urlsplit(site.endpoints[1]).port):
        status, verified = site.run("auth", "status", "-o", "json"), site.run("verify")
    (finding,) = status.json["findings"]
    what = f"member etcd-2 cannot be asked: {site.endpoints[1]}: {UNTRUSTED}"
    assert (what, NOT_OURS) == (finding["what"], finding["hint"])
    assert (1, [f"ringfence: {what}"]) == (verified.code, verified.problems)
    assert f"  hint: {NOT_OURS}\n" == verified.err.removeprefix(f"ringfence: {what}\n")


def test_the_role_root_is_missing(site: Site) -> None:
    """Prepared by hand and forgotten: the user root is there and is not root."""
    site.run("apply", "--yes")
    site.as_root(lambda client: client.auth.disable())
    site.as_root(lambda client: client.auth.revoke_role(ROOT_USER, ROOT_ROLE))
    kinds = [finding["kind"] for finding in site.run("auth", "status", "-o", "json").json["findings"]]
    assert ["root-role-missing", "off"] == kinds


def test_disable(site: Site) -> None:
    """It says what it means and needs a yes; then auth is seen to be off on each member, and that is in the journal."""
    site.fence()
    refused = site.run("auth", "disable")
    assert 1 == refused.code
    assert "Auth off means: everybody who can connect reads and writes every key" in refused.err
    assert site.state().auth_enabled

    done = site.run("auth", "disable", "--yes")
    assert 0 == done.code
    assert done.out.startswith("Auth is OFF on 3 members (etcd-1, etcd-2, etcd-3), switched off through https://")
    assert not site.state().auth_enabled
    journal = (site.folder / ".ringfence" / "journal.jsonl").read_text().splitlines()
    assert ("end", "auth disable", "done") == tuple(json.loads(journal[-1])[key] for key in ("event", "verb", "result"))
    again = site.run("auth", "disable", "--yes")
    assert (0, "Auth is off already.\n") == (again.code, again.out)


def test_disable_with_a_member_down(site: Site) -> None:
    """The member that cannot be seen is named."""
    site.fence()
    site.cluster.kill("etcd-1")
    done = site.run("auth", "disable", "--yes", "-o", "json")
    assert (0, ["etcd-2", "etcd-3"], ["etcd-1"]) == (done.code, done.json["off"], done.json["unseen"])


def test_old_watches_are_told(site: Site) -> None:
    """A watch that is open when auth is switched on is counted before and after; its clients are listed."""

    async def hold_a_watch(client: Client) -> dict[str, object]:
        key, end = b"\x00", b"\x00"
        stream = client.channel.converse(rpcs.WATCH)
        await stream.send(new("WatchRequest", create_request=new("WatchCreateRequest", key=key, range_end=end)))
        await stream.receive()
        ran = await asyncio.to_thread(site.spawn, "apply", "--yes", "-o", "json")
        stream.cancel()
        watches: dict[str, object] = ran.json["watches"]
        return watches

    watches = site.as_root(hold_a_watch)
    assert {"etcd-1": 1, "etcd-2": 0, "etcd-3": 0} == watches["before"] == watches["after"]
    assert ["kube-apiserver (kube-apiserver)", "calico (calico)", "inventory (own component)"] == watches["restart"]
