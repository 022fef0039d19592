#!/bin/bash
# Writes the plain ELF image of a packed kernel to stdout: unpack-kernel.sh VMLINUZ
#
# Debian's kernel is packed with xz, which takes long to unpack in an emulated machine and minutes
# in a machine emulated inside that one. QEMU boots the plain ELF image too.
# The packed payload's place is in the header (Documentation/arch/x86/boot.rst).
set -euo pipefail
setup_sectors=$(od -An -tu1 -j $((0x1f1)) -N1 "$1")
offset=$(od -An -tu4 -j $((0x248)) -N4 "$1")
length=$(od -An -tu4 -j $((0x24c)) -N4 "$1")
# The last four bytes are the unpacked size, which is not xz's.
dd if="$1" bs=1M iflag=skip_bytes,count_bytes status=none \
    skip=$(((setup_sectors + 1) * 512 + offset)) count=$((length - 4)) | xz -dc
