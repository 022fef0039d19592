#!/usr/bin/python
# SPDX-License-Identifier: GPL-2.0-or-later
"""Ansible's module gpupass_host."""
from __future__ import annotations

DOCUMENTATION = r"""
module: gpupass_host
short_description: Prepare a host for guests with GPUs
version_added: 0.1.0
description:
  - Sets what guests with GPUs need of the host, such as arguments of the kernel, modules and huge pages. This is
    C(gpupass prepare).
  - Installs or removes libvirt's hook (gpupass-hook(8)) and the hooks for boot images (gpupass-boot(8)).
  - What is not asked for stays as it is. Each part is an operation of the journal, so C(gpupass undo) takes it back.
options:
  state:
    description: C(present) prepares the host, C(absent) takes back what was prepared.
    type: str
    choices: [present, absent]
  fix:
    description: Set only what these findings of C(gpupass check) name. By default all that is missing is set.
    type: list
    elements: str
    default: []
  guests:
    description:
      - Reserve huge pages for these guests, on the NUMA nodes of their GPUs.
      - Without this option the pages stay as they are.
    type: dict
    suboptions:
      count:
        description: How many guests there are to be.
        type: int
        required: true
      gpus:
        description: The GPUs of each.
        type: int
        default: 1
      memory:
        description: The memory of each, such as C(200G).
        type: str
        required: true
      hugepages:
        description: The size of the pages. By default C(1G), if the memory is a multiple of it.
        type: str
        choices: [2M, 1G]
  libvirt_hook:
    description: Whether libvirt asks gpupass about each guest that anybody starts.
    type: bool
  boot_hooks:
    description: Whether the boot images can bind GPUs. A package of gpupass has the hooks already.
    type: bool
extends_documentation_fragment: [gpupass.gpupass.options, gpupass.gpupass.options.changes]
notes:
  - libvirt sees a new hook when its daemon starts, so let a handler restart C(libvirtd) or C(virtqemud).
seealso:
  - module: gpupass.gpupass.gpupass_state
author: The gpupass maintainers (!UNKNOWN) <maintainers@gpupass.example>
"""

EXAMPLES = r"""
- name: Prepare the host
  gpupass.gpupass.gpupass_host:
    state: present
  become: true
  register: prepared

- name: Four guests of two GPUs and 200 GiB each
  gpupass.gpupass.gpupass_host:
    state: present
    guests: {count: 4, gpus: 2, memory: 200G}
  become: true

- name: Boot with the new arguments of the kernel
  ansible.builtin.reboot:
  become: true
  when: prepared.reboot_required

- name: Guard the GPUs of all guests
  gpupass.gpupass.gpupass_host:
    libvirt_hook: true
  become: true
  notify: Restart libvirt
"""

RETURN = r"""
plan:
  description:
    - What is changed, or in check mode would be. gpupass-bind(8) describes C(steps).
    - C(then) says what the host is afterwards, and C(notes) what is left to do.
  returned: unless the plan is refused
  type: dict
  sample: {steps: [], then: [], notes: []}
reboot_required:
  description: Whether the host needs a reboot before what was prepared takes effect.
  returned: always
  type: bool
report:
  description: What became of each step. C(outcome) is one of those in gpupass-bind(8).
  returned: if something was to change, and not in check mode
  type: dict
  sample: {outcome: done, steps: [{summary: "install /etc/libvirt/hooks/qemu.d/50-gpupass", result: done}], next: []}
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
from ansible_collections.gpupass.gpupass.plugins.module_utils.gpupass import CHANGING_ARGUMENTS, Gpupass  # noqa: E402


def arguments() -> dict[str, Any]:
    return {
        **CHANGING_ARGUMENTS,
        "state": {"type": "str", "choices": ["present", "absent"]},
        "fix": {"type": "list", "elements": "str", "default": []},
        "guests": {"type": "dict", "options": {
            "count": {"type": "int", "required": True},
            "gpus": {"type": "int", "default": 1},
            "memory": {"type": "str", "required": True},
            "hugepages": {"type": "str", "choices": ["2M", "1G"]},
        }},
        "libvirt_hook": {"type": "bool"},
        "boot_hooks": {"type": "bool"},
    }


def words_for_guests(guests: dict[str, Any] | None) -> list[str]:
    if guests is None:
        return []
    size = guests["hugepages"]
    return [f"--guests={guests['count']}", f"--gpus={guests['gpus']}", f"--memory={guests['memory']}",
            *([f"--hugepages={size}"] if size else [])]


def wanted(params: dict[str, Any]) -> list[list[str]]:
    """@returns the verbs to run, each with its arguments."""
    verbs = []
    if params["state"] == "present":
        verbs.append(["prepare", *(f"--fix={finding}" for finding in params["fix"]),
                      *words_for_guests(params["guests"])])
    elif params["state"] == "absent":
        verbs.append(["prepare", "--undo"])
    for verb, installed in (("boot", params["boot_hooks"]), ("hook", params["libvirt_hook"])):
        if installed is not None:
            verbs.append([verb, "install" if installed else "remove"])
    return verbs


def needs_reboot(document: dict[str, Any]) -> bool:
    """An answer that does not say it has it in its notes."""
    plan = document["plan"]
    said = plan.get("reboot_required", document.get("reboot_required"))
    return any("reboot" in note for note in plan["notes"]) if said is None else bool(said)


def main() -> None:
    module = AnsibleModule(argument_spec=arguments(), supports_check_mode=True,
                           required_one_of=[("state", "libvirt_hook", "boot_hooks")])
    for option in ("fix", "guests"):
        if module.params[option] and module.params["state"] != "present":
            module.fail_json(msg=f"{option} says what to prepare: it needs state=present")
    gpupass = Gpupass(module)
    gpupass.result["reboot_required"] = False
    for words in wanted(module.params):
        gpupass.result["reboot_required"] |= needs_reboot(gpupass.change(words))
    module.exit_json(**gpupass.result)


if __name__ == "__main__":
    main()
