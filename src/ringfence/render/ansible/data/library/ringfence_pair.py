#!/usr/bin/python
"""The Ansible module ``ringfence_pair``."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import tempfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule  # type: ignore[import-untyped]  # Ansible has no types

DOCUMENTATION = """
module: ringfence_pair
short_description: Install a certificate and its key as one
description:
  - Both lie in a folder of their version. Their names in I(folder) lead there by way of one link, C(current), which is
    exchanged by renaming. So nobody who opens both at once finds the certificate of one pair and the key of another,
    which two tasks for two files would show for seconds.
  - The key has mode 0600, the certificate 0644. The version before the present one is kept, older ones are removed.
options:
  folder:
    description: Where the two names are; made where it is missing.
    type: path
    required: true
  name:
    description: What the pair is called.
    type: str
    required: true
  certificate_file:
    description: The name of the certificate in I(folder).
    type: str
    required: true
  key_file:
    description: The name of the key in I(folder).
    type: str
    required: true
  certificate:
    description: The certificate, PEM.
    type: str
    required: true
  key:
    description: The private key, PEM.
    type: str
    required: true
  owner:
    description: Whom both belong to; by default whoever runs the module.
    type: str
  group:
    description: Their group.
    type: str
"""

EXAMPLES = """
- ringfence_pair:
    folder: /etc/ringfence/pki
    name: calico-node.worker-7
    certificate_file: calico-node.worker-7.pem
    key_file: calico-node.worker-7-key.pem
    certificate: "{{ lookup('file', 'pki/calico-node.worker-7.pem') }}"
    key: "{{ lookup('file', 'pki/calico-node.worker-7-key.pem') }}"
  no_log: true
"""

RETURN = "{}"

CURRENT = "current"
FILES = (("certificate", "cert.pem", 0o644), ("key", "key.pem", 0o600))


class Pair:
    """The files of one pair below a folder, and what they should be."""

    def __init__(self, params: dict[str, str]) -> None:
        self.name = params["name"]
        self.folder = Path(params["folder"])
        self.home = self.folder / ".pairs" / self.name
        self.contents = {kind: f"{params[kind].rstrip()}\n".encode() for kind, _, _ in FILES}
        self.names = {file: self.folder / params[f"{kind}_file"] for kind, file, _ in FILES}
        self.owner = pwd.getpwnam(params["owner"]).pw_uid if params["owner"] else -1
        self.group = grp.getgrnam(params["group"]).gr_gid if params["group"] else -1

    def is_installed(self) -> bool:
        """Whether everything is as it should be."""
        try:
            named = all(str(link.readlink()) == self._target(file) for file, link in self.names.items())
            return named and all(self._is_right(self.home / CURRENT / file, kind, mode) for kind, file, mode in FILES)
        except OSError:
            return False

    def install(self) -> None:
        """Write a new version, lead the names to it, and remove what is older than the one before."""
        self.home.mkdir(mode=0o755, parents=True, exist_ok=True)
        current = self.home / CURRENT
        was = str(current.readlink()) if current.is_symlink() else None
        for unfinished in self.home.glob(".new.*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        made = Path(tempfile.mkdtemp(dir=self.home, prefix=".new."))
        for kind, file, mode in FILES:
            self._write(made / file, self.contents[kind], mode)
        made.chmod(0o755)
        version = self.home / made.name.removeprefix(".new.")
        made.rename(version)
        _lead(current, version.name)
        for file, link in self.names.items():
            _lead(link, self._target(file))
        for entry in self.home.iterdir():
            if entry.name not in {CURRENT, version.name, was}:
                shutil.rmtree(entry, ignore_errors=True)

    def _target(self, file: str) -> str:
        return f".pairs/{self.name}/{CURRENT}/{file}"

    def _is_right(self, path: Path, kind: str, mode: int) -> bool:
        found = path.stat()
        owned = self.owner in {-1, found.st_uid} and self.group in {-1, found.st_gid}
        return owned and found.st_mode & 0o7777 == mode and path.read_bytes() == self.contents[kind]

    def _write(self, path: Path, content: bytes, mode: int) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchown(descriptor, self.owner, self.group)
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)


def _lead(link: Path, target: str) -> None:
    if link.is_symlink() and str(link.readlink()) == target:
        return
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)


def main() -> None:
    """Run the module."""
    text = {"type": "str", "required": True}
    module = AnsibleModule(
        argument_spec={
            "folder": {"type": "path", "required": True},
            "name": text,
            "certificate_file": text,
            "key_file": text,
            "certificate": text,
            "key": {**text, "no_log": True},
            "owner": {"type": "str"},
            "group": {"type": "str"},
        },
        supports_check_mode=True,
    )
    try:
        pair = Pair(module.params)
        changed = not pair.is_installed()
        if changed and not module.check_mode:
            pair.install()
    except KeyError as error:
        module.fail_json(msg=f"there is no such user or group: {error}")
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: {error.strerror}")
    module.exit_json(changed=changed)


if __name__ == "__main__":
    main()
