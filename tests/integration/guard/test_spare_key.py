"""The second way in: it is gone when all is well, and it is what is left where etcd takes no names."""

from __future__ import annotations

import asyncio

import pytest

from ringfence.errors import ClusterError
from ringfence.etcd.client import Client
from ringfence.ops.reach.target import Target
from ringfence.ops.switch.off import switch_off
from ringfence.ops.switch.spare_key import cut, hand_in, take_back
from tests.integration.site import Site, add_root


def test_no_spare_user_is_left(site: Site) -> None:
    """After a switch that went well there are the users of the spec and no others."""
    site.write()
    site.fence()
    assert {"root", "kube-apiserver", "calico", "inventory"} == set(site.state().users)


def test_the_spare_key_opens_where_the_certificate_does_not(site: Site) -> None:
    """As somebody whose certificate may not, auth is switched off by password, and the key's user is gone."""
    site.write()
    site.fence()
    key = cut(0xC0FFEE)
    site.as_root(lambda client: client.auth.disable())
    asyncio.run(hand_in(Target(site.endpoints, site.operation.root), key))
    site.as_root(lambda client: client.auth.enable())
    files = (site.pki / "ca.pem", site.pki / "calico.pem", site.pki / "calico-key.pem")
    as_calico = type(site.operation.root)(*(file.read_bytes() for file in files))
    with pytest.raises(ClusterError):
        asyncio.run(switch_off(Target(site.endpoints, as_calico)))
    assert site.state().auth_enabled
    asyncio.run(switch_off(Target(site.endpoints, as_calico, key)))
    assert not site.state().auth_enabled
    assert key.user not in site.state().users


def test_taking_back_twice(site: Site) -> None:
    """A key that is gone already is no error."""

    async def twice(client: Client) -> None:
        await add_root(client)
        key = cut(0xC0FFEE)
        await hand_in(Target(site.endpoints, site.operation.root), key)
        await take_back(client, key)
        await take_back(client, key)
        assert key.user not in await client.auth.users()

    site.as_root(twice)
