#!/bin/bash
# Builds the emulated host's disk, kernel and initrd, once, and prints the folder that holds them.
#
# The folder is named after a checksum of everything that shapes the image, and it appears by one
# rename: an image is either whole or not there. Packages come from the sources that this machine's
# apt already uses.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${GPUPASS_LAB_CACHE:-${XDG_CACHE_HOME:-~/.cache}/gpupass-lab}

die() { echo "build-image: $*" >&2; exit 1; }

packages=(
    # the machine
    systemd systemd-sysv udev dbus kmod linux-image-amd64 initramfs-tools busybox-static
    # what a user of gpupass has, and what its result is compared with
    libvirt-daemon-system libvirt-clients qemu-system-x86 seabios pciutils driverctl mdevctl
    # what gpupass is linked to
    libstdc++6 hwloc-nox libhwloc15 libboost-program-options1.74.0 libfmt9 libpugixml1v5 libyaml-cpp0.7 libpci3 libvirt0
    # what gpupass runs
    xorriso grub2-common
    # what the scenarios use; the agent is for the nested guest
    jq strace procps qemu-guest-agent
)

key=$(cd "$here" && cat build-image.sh unpack-kernel.sh host/* guest/{init,system,build-disk.sh,agent.sh} module/* | sha256sum | cut -c1-16)
image=$cache/$key
finish_if_built() {
    [[ -d $image ]] || return 0
    touch -c "$image"
    echo "$image"
    exit
}
finish_if_built

[[ $EUID == 0 ]] || die "the first build must run as root (mmdebstrap and file ownership); later runs need not"
for tool in mmdebstrap mke2fs xz cpio; do
    command -v "$tool" >/dev/null || PATH=$PATH:/usr/sbin command -v "$tool" >/dev/null ||
        die "$tool is missing: apt-get install mmdebstrap e2fsprogs xz-utils cpio"
done
PATH=$PATH:/usr/sbin:/sbin

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9 # another run may be building the same image
finish_if_built
work=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt drops its privileges to fetch

# This machine's own Debian sources and download settings (a proxy, say), whatever their format.
# shellcheck disable=SC2016  # apt-get's own variables
apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
    grep ' bookworm' | sort -u >"$work/sources.list" || true
[[ -s $work/sources.list ]] || die "this machine's apt knows no Debian 12 (bookworm) source; run apt-get update, or add one"
apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries|ForceIPv|Check-|Languages)' >"$work/apt.conf" || true
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Before the kernel is installed: an initrd with just the disk's driver boots soonest.
cat >"$work/initramfs.conf" <<'END'
MODULES=list
COMPRESS=gzip
END
mkdir_initramfs="mkdir -p \"\$1/etc/initramfs-tools/conf.d\" &&
    cp '$work/initramfs.conf' \"\$1/etc/initramfs-tools/conf.d/lab\" &&
    printf '%s\n' virtio_pci virtio_blk ext4 >\"\$1/etc/initramfs-tools/modules\""

# The project's own module, and the disk of a guest. The programs that this takes come and go before the host's disk is
# made.
cat >"$work/build-module" <<'END'
set -eu
root=$1 source=$2
before=$(chroot "$root" dpkg-query -W -f '${Package}\n')
chroot "$root" apt-get -y --no-install-recommends install linux-headers-amd64 make mtools syslinux
kernel=$(basename "$root"/lib/modules/*)
mkdir "$root/module"
cp "$source"/../guest/* "$root/module/"
chroot "$root" /module/build-disk.sh /module/system /var/lib/libvirt/images/system.img
rm "$root"/module/*
cp "$source"/* "$root/module/"
chroot "$root" make -C "/lib/modules/$kernel/build" M=/module modules
install -D -m 644 "$root"/module/*.ko -t "$root/lib/modules/$kernel/extra"
chroot "$root" depmod "$kernel"
rm -r "$root/module"
chroot "$root" dpkg-query -W -f '${Package}\n' | { grep -vxF "$before" || true; } | xargs chroot "$root" dpkg --purge
END

echo "build-image: installing $key into $cache (a minute or two)" >&2
root=$work/root
mmdebstrap --mode=root --variant=minbase --format=directory \
    ${keyring:+--keyring="$keyring"} --aptopt="$work/apt.conf" --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/bin/qemu-system-i386' \
    --include="$(IFS=,; echo "${packages[*]}")" --essential-hook="$mkdir_initramfs" \
    --customize-hook="sh '$work/build-module' \"\$1\" '$here/module'" \
    bookworm "$root" "$work/sources.list" >"$cache/build.log" 2>&1 ||
    { tail -n 30 "$cache/build.log" >&2; die "mmdebstrap failed; all of it is in $cache/build.log"; }

# The host runs /share/start at boot (host/lab.service) and nothing that would only cost time.
install -m 644 "$here/host/lab.service" "$root/etc/systemd/system/"
systemctl --root="$root" --quiet enable lab.service
systemctl --root="$root" --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    fstrim.timer e2scrub_all.timer e2scrub_reap.service getty@tty1.service serial-getty@ttyS0.service \
    libvirt-guests.service qemu-guest-agent.service systemd-networkd-wait-online.service
echo lab >"$root/etc/hostname"
: >"$root/etc/fstab"
mkdir -p "$root/share"

images=$root/var/lib/libvirt/images
mkdir "$work/image"
"$here/unpack-kernel.sh" "$root"/boot/vmlinuz-* >"$work/image/vmlinux"
cp "$root"/boot/initrd.img-* "$work/image/initrd"

# The nested guest: one static busybox and an init that reports display devices.
nest=$work/guest
mkdir -p "$nest"/{bin,proc,sys,dev}
cp "$root/bin/busybox" "$nest/bin/"
ln -s busybox "$nest/bin/sh"
install -m 755 "$here/guest/init" "$nest/init"
(cd "$nest" && find . | cpio --quiet -o -H newc | gzip -1) >"$images/guest.initrd"
cp "$work/image/vmlinux" "$images/guest.vmlinux"
# The same with an agent. It is not packed: an emulator inside an emulator takes minutes to unpack it.
"$here/guest/agent.sh" "$root" "$(basename "$root"/lib/modules/*)" "$nest"
(cd "$nest" && find . | cpio --quiet -o -H newc) >"$images/agent.initrd"

rm -rf "$root"/var/cache/apt/*.bin "$root"/var/lib/apt/lists/*
mke2fs -q -t ext4 -L lab -d "$root" "$work/image/disk.ext4" 2560M >/dev/null
mv "$work/image" "$image"
# Images that no run has asked for in a week, and what an interrupted build left.
find "$cache" -mindepth 1 -maxdepth 1 -type d -mtime +7 -exec rm -rf {} +
echo "$image"
