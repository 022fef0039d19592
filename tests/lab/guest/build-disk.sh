#!/bin/sh
# build-disk.sh INIT DISK: runs in the emulated host's root file system while build-image.sh makes that, and writes the
# disk of a small system: a boot loader, Debian's kernel for clouds, which unpacks quickly, busybox, and INIT.
set -eu
init=$1 disk=$2
work=$(mktemp -d)
cd "$work"
package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ { print $2 }')
apt-get download "$package"
dpkg-deb -x linux-image-*.deb kernel
mkdir -p system/bin system/proc system/sys system/dev system/etc system/mnt system/modules
cp /bin/busybox system/bin/
ln -s busybox system/bin/sh
cp "$init" system/init
# Its drivers, in the order in which they must be loaded.
version=$(basename kernel/lib/modules/*)
depmod -b kernel "$version"
for module in virtio_pci virtio_blk isofs; do modprobe -d kernel -S "$version" --show-depends $module; done |
    awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
    cp "$file" system/modules/
    basename "$file" >>system/modules/order
done
(cd system && find . | cpio --quiet -o -H newc | gzip -1) >initrd
cat >syslinux.cfg <<'CONFIG'
SERIAL 0
DEFAULT linux
LABEL linux
KERNEL linux
APPEND initrd=initrd console=ttyS0 quiet mitigations=off no_timer_check
CONFIG
mformat -C -i "$disk" -T 65536 -h 16 -s 63 ::
syslinux -i "$disk"
mcopy -i "$disk" kernel/boot/vmlinuz-* ::linux
mcopy -i "$disk" initrd syslinux.cfg ::
rm -r "$work"
