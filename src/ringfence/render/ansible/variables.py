"""The files of ``group_vars/``: values in, YAML out, each file with a line that says where it comes from."""

from __future__ import annotations

from collections.abc import Mapping

from ringfence.yamlio.dump import Plain, dump

_TITLE = """\
# Written by ringfence from the spec. Your own values go into own.yml in this folder, which wins, or into host_vars/.
"""


def group_vars(values: Mapping[str, Plain]) -> str:
    """One file."""
    return _TITLE + dump(values)


def common(*, spec: str, pki: str, folder: str, expected: Mapping[str, list[str]]) -> dict[str, Plain]:
    """What every host knows.

    Args:
        spec: where the spec is, seen from the project.
        pki: where the certificates are on the control machine, seen from the project or absolute.
        folder: where they lie on the hosts.
        expected: the hosts of each group that the spec knows.
    """
    return {
        "ringfence_spec": spec,
        "ringfence_pki": pki,
        "ringfence_command": ["ringfence"],
        "ringfence_become": True,
        "ringfence_root": "",
        "ringfence_folder": folder,
        "ringfence_authorities": "{{ lookup('ansible.builtin.file', ringfence_pki ~ '/ca.pem', rstrip=false) }}",
        "ringfence_certificate": _lookup(".pem"),
        "ringfence_private_key": _lookup("-key.pem"),
        "ringfence_expected": expected,
    }


def _lookup(ending: str) -> str:
    return f"{{{{ lookup('ansible.builtin.file', ringfence_pki ~ '/' ~ certificates_name ~ '{ending}') }}}}"
