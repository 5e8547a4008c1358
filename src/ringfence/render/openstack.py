"""The section ``[calico]`` of neutron.conf, for Calico's OpenStack driver and DHCP agent.

They speak etcd's JSON gateway, which takes no user from a certificate: they log in with a password, and the certificate
that they show for TLS must carry no Common Name (etcd refuses such a request otherwise).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from ringfence.model.names import UserName
from ringfence.render import target
from ringfence.render.usage import Usage, head

PASSWORD_VARIABLE = "OS_CALICO__ETCD_PASSWORD"  # noqa: S105 - the name of a variable
"""What oslo.config reads before the file, from release 6.7 (OpenStack Stein) on."""


def openstack_section(
    *,
    endpoints: Sequence[str],
    folder: PurePosixPath,
    identity: UserName,
    certificate: str,
    password: str | None,
) -> str:
    """The section, with the options of Calico's ``networking_calico/common/config.py``.

    Args:
        endpoints: etcd's client URLs; only one can be named, so the first is.
        folder: where the pki files lie on the machine.
        identity: the etcd user.
        certificate: the name of the certificate file to show for TLS, which has no Common Name.
        password: the user's password, for a file that only its owner may read; None leaves it out.

    Raises:
        ValueError: the password holds a line break or another control character.
    """
    lines = _lines(endpoints, folder, identity, certificate)
    return "".join(f"{line}\n" for line in (*lines, *_password(identity, password)))


def _usage(identity: UserName) -> Usage:
    return Usage(
        title=f"Calico in etcd as user {identity}, for neutron-server and calico-dhcp-agent",
        apply=(
            "in the place of the section [calico] of /etc/neutron/neutron.conf, keeping other options of it; then",
            "`systemctl restart neutron-server calico-dhcp-agent` (the names differ between distributions)",
        ),
        undo=("the section as it was, and the same restart",),
    )


def _lines(endpoints: Sequence[str], folder: PurePosixPath, identity: UserName, certificate: str) -> Iterator[str]:
    first = urlsplit(endpoints[0])
    yield from head(_usage(identity)).splitlines()
    yield "[calico]"
    if len(endpoints) > 1:
        yield f"# Only one endpoint can be named here; the others are {', '.join(endpoints[1:])}."
    yield f"etcd_host = {first.hostname}"
    yield f"etcd_port = {first.port or 2379}"
    yield "# For TLS only: a certificate without a Common Name, which the JSON gateway of etcd would refuse."
    yield "# ringfence issues none: make one for TLS clients, by the authority that the members trust."
    yield f"etcd_ca_cert_file = {target.authority(folder)}"
    yield f"etcd_cert_file = {target.certificate(folder, certificate)}"
    yield f"etcd_key_file = {target.private_key(folder, certificate)}"
    yield "# 0: etcd compacts by itself. Else the driver would, for which current etcd asks for the role root."
    yield "etcd_compaction_period_mins = 0"
    yield f"etcd_username = {identity}"


def _password(identity: UserName, password: str | None) -> Iterator[str]:
    if password is None:
        yield f"# The password of {identity} is left out: set the variable {PASSWORD_VARIABLE}, or write etcd_password"
        yield "# here and let nobody but the service read this file."
    elif not password.isprintable():
        raise ValueError("the password holds a line break or another control character")
    else:
        # oslo.config replaces $name by other options, and takes one pair of quotes away.
        escaped = password.replace("$", "$$")
        yield f'etcd_password = "{escaped}"'
