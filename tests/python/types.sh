#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# mypy finds no doubt in the Python package, nor in the examples that use it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v mypy >/dev/null || { echo "skipped: mypy is missing"; exit 77; }
export MYPYPATH=libgpupass/python
mypy --strict --cache-dir=/dev/null libgpupass/python/gpupass examples/*.py
