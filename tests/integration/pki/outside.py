"""An authority elsewhere: OpenSSL's own ``ca``, which knows nothing of ringfence but the folder it is handed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_CONFIG = """\
[ca]
default_ca = outside
[outside]
database = database
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = anything
preserve = yes
email_in_dn = no
copy_extensions = copy
[anything]
organizationName = optional
commonName = optional
[req]
distinguished_name = nothing
[nothing]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[overruled]
{overruled}
"""


def openssl(*arguments: str, cwd: Path, given: str = "") -> str:
    """What the program ``openssl`` prints.

    Raises:
        AssertionError: it is not there, or it failed.
    """
    binary = shutil.which("openssl")
    assert binary is not None, "these tests need the openssl program"
    done = subprocess.run([binary, *arguments], cwd=cwd, capture_output=True, text=True, check=False, input=given)
    assert 0 == done.returncode, done.stderr
    return done.stdout


@dataclass(frozen=True, slots=True)
class OutsideCa:
    """An authority in a folder of its own; ``above`` is the one that signed it."""

    folder: Path
    name: str
    above: OutsideCa | None = None

    @classmethod
    def make(cls, folder: Path, name: str, above: OutsideCa | None = None) -> OutsideCa:
        """A new one, a root unless another stands above it."""
        folder.mkdir(parents=True)
        made = cls(folder, name, above)
        made._configure("")
        (folder / "database").touch()
        subject = ("-subj", f"/O={name}")
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", "ca-key.pem")
        common = ("-new", "-config", "config", *key, *subject)
        if above is None:
            openssl("req", "-x509", *common, "-extensions", "authority", "-days", "3650", "-out", "ca.pem", cwd=folder)
        else:
            openssl("req", *common, "-out", "ca.csr", cwd=folder)
            made.certificate.write_text(above._ca(folder / "ca.csr", "-extensions", "authority", "-days", "1000"))
        return made

    @property
    def certificate(self) -> Path:
        """Its own certificate."""
        return self.folder / "ca.pem"

    def sign(self, csr: Path, *options: str, days: int = 90, overruled: str | None = None) -> str:
        """A certificate for a request, as the request asks.

        Args:
            csr: the request.
            options: more options of ``openssl ca``.
            days: how long it is to be valid.
            overruled: the extensions that it is to have in place of those that the request asks for.
        """
        self._configure(overruled or "")
        extensions = () if overruled is None else ("-extensions", "overruled")
        return self._ca(csr, "-days", str(days), *extensions, *options)

    def _ca(self, csr: Path, *options: str) -> str:
        files = ("-cert", "ca.pem", "-keyfile", "ca-key.pem", "-in", str(csr))
        return openssl("ca", "-batch", "-notext", "-config", "config", *files, *options, cwd=self.folder)

    def _configure(self, overruled: str) -> None:
        text = _CONFIG.format(overruled=overruled)
        if overruled:
            text = text.replace("copy_extensions = copy", "copy_extensions = none")
        (self.folder / "config").write_text(text)
