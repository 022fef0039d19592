#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Module of dracut.modules(7): puts what is bound at boot into the image, with vfio-pci.
# shellcheck disable=SC2154  # moddir and initdir are dracut's.

check() {
    [[ -e ${dracutsysrootdir-}/etc/gpupass/boot-bindings ]]
}

depends() {
    return 0
}

installkernel() {
    # No device that is here now tells that it will be needed.
    hostonly='' instmods vfio-pci
}

install() {
    /bin/sh /usr/share/gpupass/boot/entries.sh "$initdir/etc/gpupass/boot-bindings" \
        "${dracutsysrootdir-}/etc/gpupass/boot-bindings" || exit 1
    inst_hook pre-udev 00 "$moddir/gpupass.sh"
}
