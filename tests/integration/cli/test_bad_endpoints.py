"""Endpoints that are not what they should be: one clear line for each of them, exit 1, nothing changed."""

from __future__ import annotations

import pytest

from ringfence.local.ports import free_ports
from tests.integration.site import Site


def wrong(site: Site, kind: str) -> str:
    """An endpoint at which no member serves clients over TLS."""
    name, number = "https://127.0.0.1:", 0
    lines = [line for line in site.spec.read_text().splitlines() if "name: etcd-1" in line]
    words = lines[0].replace("}", "").replace(",", " ").split()
    ports = {key: words[words.index(f"{key}:") + 1].rsplit(":", 1)[1] for key in ("peer", "metrics")}
    if kind in ports:
        return name + ports[kind]
    return f"{name}{free_ports(1)[number]}"


ENDPOINTS = [
    ("nothing", "nothing listens there"),
    ("peer", "TLS is spoken there, but not the API of etcd"),
    ("metrics", "plain HTTP is spoken there, without TLS"),
]


@pytest.mark.parametrize("verb", ["plan", "verify"])
@pytest.mark.parametrize(("kind", "what"), ENDPOINTS)
def test_a_wrong_endpoint(site: Site, verb: str, kind: str, what: str) -> None:
    """The right endpoint works; a port that is not it is told with what was found there."""
    url = wrong(site, kind)
    assert 2 == site.run("plan", "--endpoints", site.endpoints[0]).code
    ran = site.run(verb, "--endpoints", url)
    assert (1, "") == (ran.code, ran.out)
    assert [f"{url}: {what}"] == ran.problems
    assert "  hint: " in ran.err


def test_every_endpoint_has_its_own_line(site: Site) -> None:
    """Where none of several answers, all of them are named."""
    urls = [f"https://127.0.0.1:{port}" for port in free_ports(2)]
    ran = site.run("plan", "--endpoints", ",".join(urls))
    assert (1, [f"{url}: nothing listens there" for url in urls]) == (ran.code, ran.problems)


def test_one_dead_endpoint_of_several_is_passed_over_by_plan(site: Site) -> None:
    """A plan needs one member that answers."""
    dead = f"https://127.0.0.1:{free_ports(1)[0]}"
    assert 2 == site.run("plan", "--endpoints", f"{dead},{site.endpoints[1]}").code


@pytest.mark.parametrize("url", ["http://127.0.0.1:2379", "127.0.0.1:2379", "https://"])
def test_what_is_no_https_url(site: Site, url: str) -> None:
    """A plain-HTTP or malformed endpoint is refused before anything is sent."""
    ran = site.run("plan", "--endpoints", url)
    assert (1, "") == (ran.code, ran.out)
    assert [url] == [problem.split(": ")[0] for problem in ran.problems]


def test_plain_http_in_the_spec(site: Site) -> None:
    """The line of the spec is named, by every verb alike, and the pki folder is not touched."""
    site.spec.write_text(site.spec.read_text().replace("[https://", "[http://"))
    runs = [site.run(*verb) for verb in (("check",), ("certs", "issue"), ("plan",), ("apply", "--yes"), ("verify",))]
    assert {(1, "")} == {(ran.code, ran.out) for ran in runs}
    assert 1 == len({ran.err for ran in runs})
    assert f"{site.spec.name}:4: cluster.endpoints[0]: plain http is refused" in runs[0].err


def test_etcdctls_variables_are_understood(site: Site) -> None:
    """ETCDCTL_* count where no option is given, and an option wins over them."""
    dead = f"https://127.0.0.1:{free_ports(1)[0]}"
    env = {"ETCDCTL_ENDPOINTS": dead}
    assert f"{dead}: nothing listens there" in site.spawn("plan", env=env).err
    assert 2 == site.spawn("plan", "--endpoints", site.endpoints[0], env=env).code
    files = {"CACERT": "ca.pem", "CERT": "root.pem", "KEY": "root-key.pem"}
    env = {f"ETCDCTL_{name}": str(site.pki / file) for name, file in files.items()}
    site.pki.rename(site.folder / "elsewhere")
    env = {name: path.replace("/pki/", "/elsewhere/") for name, path in env.items()}
    assert 2 == site.spawn("plan", env=env).code
    assert 1 == site.spawn("plan").code
