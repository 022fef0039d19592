#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Doxygen understands all that the public headers say.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v doxygen >/dev/null || { echo "skipped: doxygen is missing"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cat docs/Doxyfile; echo "OUTPUT_DIRECTORY=$work") | doxygen -
for page in gpupass_8h namespacegpupass; do
    [[ -s $work/html/$page.html ]] || { echo "there is no page $page"; exit 1; }
done
