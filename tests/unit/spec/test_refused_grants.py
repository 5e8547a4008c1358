"""Grants that a spec must not ask for: a grant a row, and the line that it earns."""

from __future__ import annotations

import pytest

from tests.unit.spec.reading import grant, lines

C = "ringfence.yaml"

GRANTS = {
    "no slash": (
        "{prefix: /registry, access: read}",
        f"{C}:5: components[0].grants[0].prefix: /registry also covers /registry2/",
    ),
    "hex without slash": (
        '{prefix: {hex: "2f61"}, access: read}',
        f"{C}:5: components[0].grants[0].prefix: /a also covers /a2/",
    ),
    "no access": ("{prefix: /a/}", f"{C}:5: components[0].grants[0]: access is missing"),
    "etcd's flag": (
        "{prefix: /a/, access: rw}",
        f"{C}:5: components[0].grants[0].access: 'rw' is not one of read, write, readwrite",
    ),
    "write alone": (
        "{prefix: /a/, access: write}",
        (
            f"{C}:5: components[0].grants[0].access: write without read: "
            "transactions that read what they replace are denied"
        ),
    ),
    "write alone, and not": (
        "{prefix: /a/, access: write, write-only: false}",
        f"{C}:5: components[0].grants[0].write-only: contradicts access: write",
    ),
    "write-only that is not": (
        "{prefix: /a/, access: read, write-only: true}",
        f"{C}:5: components[0].grants[0].write-only: says nothing unless access is write",
    ),
    "a quoted flag": (
        "{key: /a, access: read, beyond-slash: 'true'}",
        f"{C}:5: components[0].grants[0].beyond-slash: must be true or false, without quotes, not 'true'",
    ),
    "beyond what": (
        "{prefix: /a/, access: read, beyond-slash: true}",
        f"{C}:5: components[0].grants[0].beyond-slash: says nothing where the prefix ends in a slash",
    ),
    "beyond a key": (
        "{key: /a, access: read, beyond-slash: true}",
        f"{C}:5: components[0].grants[0].beyond-slash: says nothing beside key",
    ),
    "nowhere": ("{access: read}", f"{C}:5: components[0].grants[0]: needs one of prefix, key, range, from-key"),
    "two forms": ("{key: /a, prefix: /b/, access: read}", f"{C}:5: components[0].grants[0]: has prefix and key"),
    "the empty prefix": (
        "{prefix: '', access: read}",
        f"{C}:5: components[0].grants[0].prefix: the empty prefix is every key",
    ),
    "the empty key": (
        "{key: '', access: read}",
        f"{C}:5: components[0].grants[0].key: the empty key does not exist in etcd",
    ),
    "from the empty key": (
        "{from-key: '', access: read}",
        f"{C}:5: components[0].grants[0].from-key: the empty key does not exist in etcd",
    ),
    "no key at all": ("{key: , access: read}", f"{C}:5: components[0].grants[0].key: is empty"),
    "an empty range": (
        "{range: [/a, /a], access: read}",
        f"{C}:5: components[0].grants[0].range: [/a, /a) holds no key",
    ),
    "an inverted range": (
        "{range: [/b, /a], access: read}",
        f"{C}:5: components[0].grants[0].range: [/b, /a) is inverted",
    ),
    "a range without end": (
        "{range: [/a, ''], access: read}",
        f"{C}:5: components[0].grants[0].range[1]: the range has no end",
    ),
    "half a range": ("{range: [/a], access: read}", f"{C}:5: components[0].grants[0].range: has 1 ends"),
    "a range as text": (
        "{range: /a, access: read}",
        f"{C}:5: components[0].grants[0].range: must be a list, not '/a'",
    ),
    "no hex": (
        "{key: {hex: 0g}, access: read}",
        f"{C}:5: components[0].grants[0].key.hex: '0g' is not hex",
    ),
    "half a byte": (
        "{key: {hex: 0}, access: read}",
        f"{C}:5: components[0].grants[0].key.hex: '0' is not hex",
    ),
    "a key of nothing": ("{key: {}, access: read}", f"{C}:5: components[0].grants[0].key: hex is missing"),
    "a key as a list": ("{key: [a], access: read}", f"{C}:5: components[0].grants[0].key: must be a key, not a list"),
    "except elsewhere": (
        "{prefix: /a/, access: read, except: [/b/]}",
        f"{C}:5: components[0].grants[0].except[0]: /b/* is not inside /a/*",
    ),
    "except more than all": (
        "{prefix: /a/b/, access: read, except: [/a/]}",
        f"{C}:5: components[0].grants[0].except[0]: /a/* is not inside /a/b/*",
    ),
    "except all": (
        "{prefix: /a/, access: read, except: [/a/]}",
        f"{C}:5: components[0].grants[0].except: leaves nothing of the grant",
    ),
    "except all in two": (
        "{range: [/a/, /c/], access: read, except: [{range: [/a/, /b]}, {range: [/b, /c/]}]}",
        f"{C}:5: components[0].grants[0].except: leaves nothing of the grant",
    ),
    "except what": (
        "{prefix: /a/, access: read, except: [/a/b]}",
        f"{C}:5: components[0].grants[0].except[0]: /a/b is neither a prefix that ends in a slash nor a form",
    ),
    "except with an access": (
        "{prefix: /a/, access: read, except: [{key: /a/b, access: read}]}",
        f"{C}:5: components[0].grants[0].except[0].access: unknown key 'access'",
    ),
    "shared with nobody": (
        "{prefix: /a/, access: read, shares-with: []}",
        f"{C}:5: components[0].grants[0].shares-with: names nobody",
    ),
    "no grants": ("", f"{C}:5: components[0].grants: grants nothing"),
}


@pytest.mark.parametrize(("text", "expected"), GRANTS.values(), ids=GRANTS)
def test_grants(text: str, expected: str) -> None:
    """A grant that covers nothing, or more than it seems to, is refused."""
    assert [expected] == lines(grant(text))
