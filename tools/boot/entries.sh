#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# entries.sh FOLDER [FILE]: creates in this folder of a boot image an empty file for each line of
# /etc/gpupass/boot-bindings, named after the line. If a line is invalid, no image is built: see gpupass-boot(5).
# A later version may add words "name=value" to a line.
set -eu
folder=$1 file=${2-/etc/gpupass/boot-bindings}
export LC_ALL=C

ids='[0-9a-f]{4}:[0-9a-f]{4}'
binding="([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]) ($ids) ($ids)( [0-9a-f]{16})?( [^ =]+=[^ ]+)*"
if [ "$(sed -n 1p "$file")" != 'format 1' ] || sed 1d "$file" | grep -qvxE "$binding"; then
    echo "gpupass: $file is damaged: remove it, and run gpupass bind --persist again" >&2
    exit 1
fi
mkdir -p "$folder"
sed -E "1d; s/^$binding\$/\\1,\\2,\\3/" "$file" | while read -r name; do
    : >"$folder/$name"
done
