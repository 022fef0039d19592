#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Checks the format of the tree with the one version of clang-format that counts.  `formatting.sh SOURCE_DIR [--fix]`
set -eu
cd "$1"
format=$(command -v clang-format-19) || { echo "clang-format-19 is missing"; exit 77; }
mode="--dry-run --Werror"
[ "${2:-}" != --fix ] || mode=-i
# shellcheck disable=SC2086
find include libgpupass tools tests examples \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
    xargs -0 "$format" --style=file $mode
