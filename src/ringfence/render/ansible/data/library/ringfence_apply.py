#!/usr/bin/python
"""The Ansible module ``ringfence_apply``."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule  # type: ignore[import-untyped]  # Ansible has no types
from ansible.module_utils.ringfence_command import ARGUMENTS, DIFFERS, commands, planned, ringfence  # type: ignore[import-untyped]  # Ansible has no types

DOCUMENTATION = """
module: ringfence_apply
short_description: Bring users, roles and auth of etcd to what a spec asks for, and prove the result
description:
  - Runs C(ringfence apply --yes). In check mode it runs C(ringfence plan).
  - It fails where the proof does not hold.
options:
  spec:
    description: The spec on the machine where the module runs.
    type: path
    required: true
  command:
    description: The program, with arguments that come before its own.
    type: list
    elements: str
    default: [ringfence]
"""

EXAMPLES = """
- ringfence_apply: {spec: ringfence.yaml}
  delegate_to: localhost
"""

RETURN = """
changes:
  description: Each change as the etcdctl command for it.
  type: list
  returned: success
verification:
  description: The proof, as in C(ringfence verify -o json); null where there was nothing to do, and in check mode.
  type: dict
  returned: success
"""


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=dict(ARGUMENTS), supports_check_mode=True)
    if module.check_mode:
        changed, told = planned(module)
        module.exit_json(changed=changed, verification=None, **told)
    answer = ringfence(module, "apply", "--yes")
    proof = answer.value.get("verification")
    if answer.code == DIFFERS:
        stores = {"v2_switched_off_again": "v2 auth is off again", "switched_off_again": "auth is off again"}
        again = next((told for key, told in stores.items() if answer.value.get(key)), "auth was left as it is")
        module.fail_json(msg=f"the proof does not hold; {again}", verification=proof)
    changes = commands(answer.value.get("plan"))
    module.exit_json(changed=bool(changes), changes=changes, verification=proof)


if __name__ == "__main__":
    main()
