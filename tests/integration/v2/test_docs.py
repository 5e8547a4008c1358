"""The page about v2 does what it says: a correct spec, and a session that is true on a real cluster."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

from ringfence.ops.load import understand
from tests.integration.cli.test_transcripts import agree, played, steps
from tests.integration.legacy import LEGACY, LegacySite
from tests.integration.ops.test_runbook import RUNBOOK, variables

PAGE = (Path(__file__).parents[3] / "docs" / "v2.md").read_text(encoding="utf-8")
(SPEC,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
(SESSION,) = re.findall(r"^```console\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_its_spec_is_correct() -> None:
    """As it stands: Calico and a tenant are in v2, Kubernetes and the tenant in v3."""
    _, wanted = understand(SPEC, "ringfence.yaml", Path("/"), date(2026, 1, 1))
    assert wanted.v2 is not None
    assert ["calico", "inventory"] == [identity.user for identity in wanted.v2.identities]
    assert ["kube-apiserver", "inventory"] == [identity.user for identity in wanted.identities]


def test_its_session_is_true(legacy_site: LegacySite) -> None:
    """Each command shows what the page says, with the components of its spec."""
    legacy_site.write(SPEC.partition("components:\n")[2])
    for command, expected in steps(SESSION):
        typed = command.replace("https://10.0.0.1:2379", legacy_site.endpoints[0])
        shown = played(legacy_site, typed)
        assert agree(re.sub(r"(?<=\S) {2,}(?=\S)", "  ", expected), shown), f"$ {typed}\n{shown}"


def test_the_way_in_by_password(legacy_site: LegacySite) -> None:
    """The runbook's block switches v2 auth off with the password that was kept; it is given where a person is asked."""
    legacy_site.write(LEGACY)
    done = legacy_site.run("apply", "--yes", "--keep-v2-root-password", "root.pw")
    assert 0 == done.code, done.err
    found = re.findall(r"^```sh\n(.*?)^```$", RUNBOOK, flags=re.MULTILINE | re.DOTALL)
    (block,) = (each for each in found if "--username root " in each)
    password = (legacy_site.folder / "root.pw").read_text().strip()
    calico = block.replace("pki/root", "pki/calico")  # whose certificate alone may not do it
    ran = subprocess.run(
        ["/bin/sh", "-c", calico.replace("--username root", '--username "root:$PASSWORD"')],
        cwd=legacy_site.folder,
        env={
            **variables(legacy_site),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PASSWORD": password,
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert 0 == ran.returncode, ran.stderr
    assert not legacy_site.state_v2().auth_enabled
    assert legacy_site.state().auth_enabled
