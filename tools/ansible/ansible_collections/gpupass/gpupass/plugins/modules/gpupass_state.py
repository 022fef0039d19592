#!/usr/bin/python
# SPDX-License-Identifier: GPL-2.0-or-later
"""Ansible's module gpupass_state."""
from __future__ import annotations

DOCUMENTATION = r"""
module: gpupass_state
short_description: Make a host what a file declares of its GPUs
version_added: 0.1.0
description:
  - Gives GPUs to guests or back to the host, has them bound at each boot, and records names, reserved CPUs and defaults, as
    gpupass.conf(5) describes. This is C(gpupass apply).
  - All of it is one plan and one operation of the journal, so C(gpupass undo) on the host takes it back.
  - If the host is as declared, nothing is written. In check mode the plan is made, under the same guards, and not carried out.
  - If a guard refuses, or a declared device is not there, the task fails, and nothing was changed.
options:
  src:
    description: The file with the declared state, on the host. It is read only.
    type: path
  content:
    description:
      - The declared state itself, as TOML. It is written nowhere.
      - Messages name its lines as C(content:LINE:COLUMN).
    type: str
  stop:
    description: Services that may be stopped while a GPU leaves the host. The file can name them for good.
    type: list
    elements: str
    default: []
  force:
    description: Addresses of devices to take although a guard protects them; see gpupass-bind(8).
    type: list
    elements: str
    default: []
extends_documentation_fragment: [gpupass.gpupass.options, gpupass.gpupass.options.changes]
seealso:
  - module: gpupass.gpupass.gpupass_facts
  - module: gpupass.gpupass.gpupass_host
author: The gpupass maintainers (!UNKNOWN) <maintainers@gpupass.example>
"""

EXAMPLES = r"""
- name: One GPU is for guests, and two CPUs are for the host
  gpupass.gpupass.gpupass_state:
    content: |
      [host]
      reserve_cpus = "0-1"
      [gpus."0000:65:00.0"]
      id = "10de:2330"
      use = "whole"
  become: true

- name: What a template has written
  gpupass.gpupass.gpupass_state:
    src: /etc/gpupass.conf
    stop: [ollama.service]
  become: true

- name: What would be changed on a captured host
  gpupass.gpupass.gpupass_state:
    src: node7.toml
    root: node7.host
  check_mode: true
  diff: true
"""

RETURN = r"""
plan:
  description:
    - What is changed, or in check mode would be. gpupass-bind(8) describes C(steps).
    - C(then) says what the host is afterwards, and C(notes) what is left to do.
  returned: unless the plan is refused
  type: dict
  sample: {steps: [], then: [], notes: []}
differences:
  description: Findings, one for each point in which the host was not as declared, with the line of the file.
  returned: always
  type: list
  elements: dict
  sample:
    - id: state.use
      verdict: fail
      subject: "0000:65:00.0"
      message: "content:3:7: 0000:65:00.0 is declared to be for guests as a whole, and is on nvidia"
      remedy: gpupass apply FILE makes it so
report:
  description: What became of each step. C(outcome) is one of those in gpupass-bind(8).
  returned: if something was to change, and not in check mode
  type: dict
  sample: {outcome: done, steps: [{summary: "load vfio-pci", result: done}], next: []}
pending:
  description: Whether a guest still has to release a device. Run the task again later.
  returned: with C(report)
  type: bool
reasons:
  description: The findings with which a guard refused the plan.
  returned: if the task fails
  type: list
  elements: dict
rc:
  description: The exit status of gpupass, as in gpupass(8).
  returned: if the task fails
  type: int
"""

from typing import Any  # noqa: E402

from ansible.module_utils.basic import AnsibleModule  # noqa: E402
from ansible_collections.gpupass.gpupass.plugins.module_utils.gpupass import (  # noqa: E402
    CHANGING_ARGUMENTS, Gpupass, with_origin)

CANNOT_TELL = 1
DIFFERS = 9


def arguments() -> dict[str, Any]:
    names = {"type": "list", "elements": "str", "default": []}
    return {**CHANGING_ARGUMENTS, "src": {"type": "path"}, "content": {"type": "str"}, "stop": names, "force": names}


def differences(gpupass: Gpupass, file: list[str], stdin: str) -> list[dict[str, Any]]:
    answer = gpupass.ask(["assert", *file], stdin, good=(0, CANNOT_TELL, DIFFERS))
    return [{**finding, "message": with_origin(finding["message"])} for finding in answer["differences"]]


def main() -> None:
    module = AnsibleModule(argument_spec=arguments(), supports_check_mode=True, required_one_of=[("src", "content")],
                           mutually_exclusive=[("src", "content")])
    gpupass = Gpupass(module)
    stdin = module.params["content"] or ""
    file = ["--", "-" if module.params["src"] is None else module.params["src"]]
    options = [f"--stop={unit}" for unit in module.params["stop"]] + [f"--force={device}" for device in module.params["force"]]
    gpupass.result["differences"] = differences(gpupass, file, stdin)
    gpupass.change(["apply", *options, *file], stdin)
    module.exit_json(**gpupass.result)


if __name__ == "__main__":
    main()
