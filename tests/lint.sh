#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What reads the code without running it finds nothing: lint.sh [FOLDER...], by default every folder of the product.
#
# clang-tidy has the checks in .clang-tidy, clang's static analyser among them, which looks at the main file only: the
# sources of a folder are put into one, which takes a tenth of the time. cppcheck 2.10 (Debian 12) does not know that a
# member function never returns, nor templates of lambdas; both are left to the compiler.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for program in clang-tidy-19 cppcheck; do
    command -v "$program" >/dev/null || { echo "$program is missing"; exit 77; }
done
(($#)) || readarray -t folders < <(find libgpupass tools -name '*.cpp' -printf '%h\n' | sort -u)
(($# == 0)) || folders=("$@")

# FOLDER: what clang-tidy finds there.
tidy() {
    local folder=$1 source whole flags=()
    # dtl has a template that no compiler may accept, and that nobody uses.
    ! grep -q 'include <dtl' "$folder"/*.cpp || flags+=(-fdelayed-template-parsing -Wno-delayed-template-parsing-in-cxx20)
    whole=build/lint/${folder//\//-}.cpp
    for source in "$folder"/*.cpp; do
        printf '#line 1 "%s"\n' "$PWD/$source"
        cat "$source"
    done >"$whole"
    clang-tidy-19 --quiet --checks=-readability-duplicate-include "$whole" -- \
        -std=c++20 -Iinclude -Ilibgpupass -Itools/gpupass -I"$folder" -DGPUPASS_WORKER_FROM_PROGRAM=\"a\" -DGPUPASS_WORKER_FROM_LIBRARY=\"b\" "${flags[@]}" 2>"$whole.log" && return
    grep ' error: ' "$whole.log" || true
    return 1
}
export -f tidy

mkdir -p build/lint
status=0
cppcheck -q -j "$(nproc)" --error-exitcode=1 --std=c++20 --language=c++ --enable=warning,performance,portability \
    --suppress=missingReturn --suppress=syntaxError -I include -I libgpupass "${folders[@]}" || status=1
printf '%s\0' "${folders[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'tidy "$1"' tidy || status=1
if ((status == 0)); then echo "clang-tidy, clang's analyser and cppcheck find nothing in ${#folders[@]} folders"; fi
exit $status
