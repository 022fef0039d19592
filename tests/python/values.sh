#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The dataclasses are those of the library's schema.
exec "$(dirname "$0")/../../libgpupass/python/generate.py" --check "$LD_LIBRARY_PATH/libgpupass.so"
