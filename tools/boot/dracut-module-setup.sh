#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Module for dracut.modules(7): adds the boot bindings and vfio-pci to the image.
# shellcheck disable=SC2154  # moddir and initdir are dracut's.

check() {
    [[ -e ${dracutsysrootdir-}/etc/gpupass/boot-bindings ]]
}

depends() {
    return 0
}

installkernel() {
    # dracut's hostonly mode would omit vfio-pci, because no device uses it now.
    hostonly='' instmods vfio-pci
}

install() {
    /bin/sh /usr/share/gpupass/boot/entries.sh "$initdir/etc/gpupass/boot-bindings" \
        "${dracutsysrootdir-}/etc/gpupass/boot-bindings" || exit 1
    inst_hook pre-udev 00 "$moddir/gpupass.sh"
}
