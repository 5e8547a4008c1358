"""Names go into a certificate and come out again unchanged."""

from __future__ import annotations

import ipaddress

from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from ringfence.pki.names import alternative_names, common_names, hosts_of, same_host, subject

# Characters of one to four bytes, and those that name formats treat specially; 16 of any of them are 64 bytes at most.
identities = st.text('abzAZ09 .-_@/\\,=+#"<>;*\x01\x7fäßé日本𝄞', min_size=1, max_size=16)
hosts = st.one_of(
    st.ip_addresses().map(str),
    st.lists(st.text("abz09", min_size=1, max_size=8), min_size=1, max_size=3).map(".".join).map("n{}".format),
)


@given(identities)
def test_a_common_name_comes_back_byte_for_byte(name: str) -> None:
    """etcd compares the Common Name with the user exactly, so no character may change on the way."""
    encoded = subject(name).public_bytes()
    assert name.encode() in encoded
    assert (name,) == common_names(subject(name))


def test_no_common_name_is_an_empty_subject() -> None:
    """None is no name, not an empty one."""
    assert (x509.Name([]), ()) == (subject(None), common_names(subject(None)))


@given(st.lists(hosts, min_size=1, max_size=5))
def test_hosts_come_back_in_order(names: list[str]) -> None:
    """What was asked for is in the alternative name, addresses as addresses."""
    made = alternative_names(tuple(names))
    assert [same_host(name) for name in names] == [same_host(name) for name in hosts_of(made)]
    assert [_is_address(name) for name in names] == [isinstance(name, x509.IPAddress) for name in made]


def test_spellings_of_one_host_are_equal() -> None:
    """Addresses are compared by value, names without case."""
    assert same_host("2001:db8:0:0::1") == same_host("2001:DB8::1")
    assert same_host("Etcd-1.Internal") == same_host("etcd-1.internal")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
