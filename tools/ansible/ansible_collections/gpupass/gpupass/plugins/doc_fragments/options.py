# SPDX-License-Identifier: GPL-2.0-or-later
"""The options that all modules have, and those of the modules that change something."""
from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  program:
    description: The program gpupass on the host, by its name or its path.
    type: str
    default: gpupass
  root:
    description:
      - Read this captured host instead of the running machine, a file by C(gpupass capture) or a directory.
      - Nothing can be changed there, so modules that change something need check mode.
    type: path
  timeout:
    description:
      - The most seconds that one call of gpupass may take.
      - Then gpupass is asked to stop. It finishes or undoes the step that it has begun, and the task fails.
    type: int
    default: 600
requirements:
  - gpupass on the host
"""
    CHANGES = r"""
options:
  busy_timeout:
    description: The seconds for which a task tries again while another gpupass is busy with the same devices.
    type: int
    default: 30
attributes:
  check_mode:
    description: Can run without changing the host.
    support: full
  diff_mode:
    description: Tells what is changed.
    support: full
    details:
      - Of each thing that the plan changes, the state before and the state after, and then the plan in words.
"""
