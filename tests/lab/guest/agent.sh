#!/bin/sh
# agent.sh ROOT KERNEL TREE: adds to the nested guest's file system TREE what its agent needs: Debian's qemu-guest-agent
# with its libraries, the drivers of its channel, and that of the emulated GPUs, which is loaded only on demand. ROOT is
# the emulated host's root file system, KERNEL the version of the kernel that both run.
set -eu
root=$1 kernel=$2 tree=$3
mkdir -p "$tree/usr/sbin" "$tree/modules" "$tree/tmp" "$tree/etc" "$tree/var/run"
cp "$root/usr/sbin/qemu-ga" "$tree/usr/sbin/"
chroot "$root" ldd /usr/sbin/qemu-ga | grep -o '/[^ ]*' | sort -u | while read -r library; do
    mkdir -p "$tree$(dirname "$library")"
    cp -L "$root$library" "$tree$library"
done
cp -L "$root/etc/os-release" "$tree/etc/os-release"
# In the order in which they must be loaded.
for module in virtio_pci virtio_console bochs; do
    modprobe -d "$root" -S "$kernel" --show-depends "$module" | awk '$1 == "insmod" { print $2 }' | while read -r file; do
        cp "$file" "$tree/modules/"
        basename "$file" >>"$tree/modules/$module"
    done
done
