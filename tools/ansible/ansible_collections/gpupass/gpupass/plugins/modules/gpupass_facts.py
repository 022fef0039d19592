#!/usr/bin/python
# SPDX-License-Identifier: GPL-2.0-or-later
"""Ansible's module gpupass_facts."""
from __future__ import annotations

DOCUMENTATION = r"""
module: gpupass_facts
short_description: Tell which GPUs a host has, and which of them can be given to guests
version_added: 0.1.0
description:
  - Runs gpupass on the host and returns its answers as facts. Nothing is changed.
  - Without root some facts are unknown, and C(ansible_facts.gpupass.limits) says which.
options:
  gather:
    description:
      - What to ask.
      - C(gpus) is C(gpupass list), the GPUs, who has each of them, and whether it can be given away.
      - C(check) is C(gpupass check), the findings of host and GPUs with their remedies.
      - C(state) is C(gpupass export), the declared state that the host has now.
    type: list
    elements: str
    choices: [gpus, check, state]
    default: [gpus]
extends_documentation_fragment: [gpupass.gpupass.options]
attributes:
  check_mode:
    description: Can run without changing the host.
    support: full
  diff_mode:
    description: Tells what is changed.
    support: none
seealso:
  - module: gpupass.gpupass.gpupass_state
author: The gpupass maintainers (!UNKNOWN) <maintainers@gpupass.example>
"""

EXAMPLES = r"""
- name: Look at the GPUs, and check whether they can be given away
  gpupass.gpupass.gpupass_facts:
    gather: [gpus, check]
  become: true

- name: Show the addresses of those that are free for guests
  ansible.builtin.debug:
    msg: "{{ ansible_facts.gpupass.gpus | selectattr('assignable', 'eq', 'yes') | map(attribute='address') | list }}"

- name: Read a captured host instead
  gpupass.gpupass.gpupass_facts:
    root: /srv/captures/node7.host
"""

RETURN = r"""
ansible_facts:
  description: The facts.
  returned: success
  type: dict
  contains:
    gpupass:
      description: What gpupass answered.
      type: dict
      returned: success
      contains:
        version:
          description: The version of gpupass on the host.
          type: str
          returned: success
          sample: 0.1.0
        gpus:
          description: The GPUs, as gpupass-list(8) describes them.
          type: list
          elements: dict
          returned: where C(gather) has C(gpus)
          sample: [{address: "0000:65:00.0", name: H100 SXM5 80GB, driver: nvidia, state: host, assignable: "yes", reasons: []}]
        check:
          description: C(findings) and C(summary), as gpupass-check(8) describes them.
          type: dict
          returned: where C(gather) has C(check)
          sample: {summary: {pass: 69, warn: 0, fail: 0, unknown: 0}, findings: []}
        state:
          description: C(host), C(defaults) and C(gpus), as gpupass-export(8) describes them.
          type: dict
          returned: where C(gather) has C(state)
        limits:
          description: What could not be seen, and why.
          type: list
          elements: dict
          returned: success
          sample: [{what: serial numbers, why: only root can read them}]
"""

from typing import Any  # noqa: E402

from ansible.module_utils.basic import AnsibleModule  # noqa: E402
from ansible_collections.gpupass.gpupass.plugins.module_utils.gpupass import ARGUMENTS, Gpupass  # noqa: E402

VERBS = {"gpus": "list", "check": "check", "state": "export"}
FIELDS = {"check": ("findings", "summary"), "state": ("host", "defaults", "gpus")}
REFUSED = 3  # A check that finds something wrong has answered all the same.


def arguments() -> dict[str, Any]:
    return {**ARGUMENTS, "gather": {"type": "list", "elements": "str", "choices": list(VERBS), "default": ["gpus"]}}


def facts_of(gpupass: Gpupass, gather: list[str]) -> dict[str, Any]:
    facts: dict[str, Any] = {"version": gpupass.run(["--version"])[1].split()[-1], "limits": []}
    for part in dict.fromkeys(gather):
        document = gpupass.ask([VERBS[part]], good=(0, REFUSED) if part == "check" else (0,))
        facts[part] = {field: document[field] for field in FIELDS[part]} if part in FIELDS else document["gpus"]
        facts["limits"] += [limit for limit in document["limits"] if limit not in facts["limits"]]
    return facts


def main() -> None:
    module = AnsibleModule(argument_spec=arguments(), supports_check_mode=True)
    gpupass = Gpupass(module)
    module.exit_json(ansible_facts={"gpupass": facts_of(gpupass, module.params["gather"])}, **gpupass.result)


if __name__ == "__main__":
    main()
