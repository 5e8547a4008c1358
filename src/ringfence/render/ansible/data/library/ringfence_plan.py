#!/usr/bin/python
"""The Ansible module ``ringfence_plan``."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule  # type: ignore[import-untyped]  # Ansible has no types
from ansible.module_utils.ringfence_command import ARGUMENTS, planned  # type: ignore[import-untyped]  # Ansible has no types

DOCUMENTATION = """
module: ringfence_plan
short_description: Say what ringfence apply would change in etcd
description:
  - Runs C(ringfence plan). Nothing is written, with or without check mode.
  - I(changed) says that there is something to change.
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
- ringfence_plan: {spec: ringfence.yaml}
  delegate_to: localhost
"""

RETURN = """
changes:
  description: Each change as the etcdctl command for it.
  type: list
  returned: success
summary:
  description: How many are added, changed and taken away.
  type: dict
  returned: success
"""


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=dict(ARGUMENTS), supports_check_mode=True)
    changed, told = planned(module)
    module.exit_json(changed=changed, **told)


if __name__ == "__main__":
    main()
