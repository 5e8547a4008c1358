"""A shell script that makes keys and signing requests on the machine where they are used, with ``openssl`` alone.

The script holds nothing secret, and what it makes that is secret stays there. Whoever runs it needs no ringfence. It
is POSIX shell for OpenSSL 1.1.1 and later, or LibreSSL.
"""

from __future__ import annotations

import ipaddress
import re
import shlex
from collections.abc import Iterator, Sequence

from ringfence.model.certificate import CertificateRequest, KeyType
from ringfence.pki.describe import USAGE_NAMES
from ringfence.pki.profiles import PROFILES, key_type_for, key_usage_of

_GENERATE = {
    KeyType.ECDSA_P256: "-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:named_curve",
    KeyType.ECDSA_P384: "-algorithm EC -pkeyopt ec_paramgen_curve:P-384 -pkeyopt ec_param_enc:named_curve",
    KeyType.ED25519: "-algorithm ED25519",
    KeyType.RSA_2048: "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
    KeyType.RSA_4096: "-algorithm RSA -pkeyopt rsa_keygen_bits:4096",
}
_SPECIAL = re.compile(r"""([\\$#"'`;,=+\s])""")
_END = "END-OF-REQUEST"

_HEAD = """\
#!/bin/sh
# Makes the private keys of {place} and the signing requests for them.
#
# Usage: sh {file} FOLDER
#
# Run it on {place}, where the keys are used. FOLDER is made if need be; take a new one for each renewal, since a key
# that is in it already is used again. Bring FOLDER/*.csr back to the folder that this script came from, and nothing
# else: FOLDER/*-key.pem stays here.
set -eu
umask 077
if [ "$#" -ne 1 ]; then
    echo "usage: sh $0 FOLDER" >&2
    exit 1
fi
mkdir -p -- "$1"
cd -- "$1"
work=.request.$$
trap 'rm -f -- "$work" "$work.key" "$work.csr"' EXIT
trap 'exit 1' HUP INT TERM

request() {{  # NAME, SUBJECT or nothing, OPTIONS of genpkey...; the rest to ask for comes on standard input
    name=$1
    subject=$2
    shift 2
    cat > "$work"
    if [ ! -e "$name-key.pem" ]; then
        openssl genpkey "$@" -out "$work.key"
        mv -- "$work.key" "$name-key.pem"
    fi
    openssl req -new -utf8 -sha256 -config "$work" ${{subject:+-subj "$subject"}} \\
        -key "$name-key.pem" -out "$work.csr"
    chmod 644 "$work.csr"
    mv -- "$work.csr" "$name.csr"
    echo "made $name.csr" >&2
}}
"""


def node_script(place: str, file: str, requests: Sequence[CertificateRequest], key_type: KeyType) -> str:
    """The text of the script.

    Args:
        place: what people call the machine.
        file: the name of the script.
        requests: what is to be asked for there.
        key_type: the algorithm of the keys, as in the spec.
    """
    calls = (_call(request, key_type_for(request.kind, key_type)) for request in requests)
    head = _HEAD.format(place=_in_a_comment(place), file=shlex.quote(_in_a_comment(file)))
    return "\n".join([head, *calls])


def _in_a_comment(text: str) -> str:
    """One line, whatever a node is called."""
    return "".join(each if each.isprintable() else "?" for each in text)


def _call(request: CertificateRequest, key_type: KeyType) -> str:
    name = shlex.quote(request.name)
    # A section with nothing in it is an error to openssl, so the empty subject is an argument.
    subject = "/" if request.common_name is None else "''"
    config = "\n".join(_config(request, key_type))
    return f"request {name} {subject} {_GENERATE[key_type]} <<'{_END}'\n{config}\n{_END}\n"


def _config(request: CertificateRequest, key_type: KeyType) -> Iterator[str]:
    yield "[req]"
    yield "prompt = no"
    yield "string_mask = utf8only"
    yield "distinguished_name = subject"
    yield "req_extensions = wanted"
    yield "[subject]"
    if request.common_name is not None:
        yield f"CN = {_escaped(request.common_name)}"
    yield "[wanted]"
    yield "basicConstraints = critical, CA:FALSE"
    encipherment = ", keyEncipherment" if key_usage_of(request.kind, key_type).key_encipherment else ""
    yield f"keyUsage = critical, digitalSignature{encipherment}"
    yield f"extendedKeyUsage = {', '.join(USAGE_NAMES[usage] for usage in PROFILES[request.kind].usages)}"
    if request.hosts:
        yield f"subjectAltName = {'critical, ' if request.common_name is None else ''}@hosts"
        yield "[hosts]"
        for number, host in enumerate(request.hosts, 1):
            yield f"{_form(host)}.{number} = {_escaped(host)}"


def _form(host: str) -> str:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "DNS"
    return "IP"


def _escaped(text: str) -> str:
    r"""As OpenSSL's configuration reads it back: a backslash takes the meaning from ``\ $ # " '`` and from a space."""
    return _SPECIAL.sub(r"\\\1", text)
