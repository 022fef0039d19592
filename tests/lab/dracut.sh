#!/bin/bash
# Builds and inspects a boot image with dracut, by gpupass-worker in a Debian root of its own: dracut.sh
#
# The image is not booted: its script is the same as with initramfs-tools, which topology persist boots.
# Needs root and the packages of run.sh. GPUPASS_BUILD and GPUPASS_LAB_CACHE have the same meaning as there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${GPUPASS_BUILD:-$here/../../build/release}" && pwd)
cache=${GPUPASS_LAB_CACHE:-${XDG_CACHE_HOME:-~/.cache}/gpupass-lab}
PATH=$PATH:/usr/sbin:/sbin

die() { echo "dracut: $*" >&2; exit 2; }
[[ $EUID == 0 ]] || die "it must run as root (mmdebstrap and chroot)"

# The packed root file system, under a checksum of its package list.
packages=dracut,linux-image-amd64,kmod,udev,cpio,hwloc-nox,libvirt0,libfmt9
packed=$cache/dracut-$(sha256sum <<<"$packages" | cut -c1-16).tar
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
if [[ ! -f $packed ]]; then
    mkdir -p "$cache"
    # shellcheck disable=SC2016  # apt-get's own variables
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
        grep ' bookworm' | sort -u >"$work/sources.list" || die "this machine's apt knows no Debian 12 (bookworm) source"
    apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries|ForceIPv|Check-|Languages)' >"$work/apt.conf" || true
    mmdebstrap --mode=root --variant=minbase --format=tar --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
        --aptopt="$work/apt.conf" --aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --include=$packages \
        bookworm "$packed.new" "$work/sources.list" >"$cache/dracut.log" 2>&1 ||
        { tail -n 20 "$cache/dracut.log" >&2; die "mmdebstrap failed"; }
    mv "$packed.new" "$packed"
    find "$cache" -maxdepth 1 -name 'dracut-*.tar' -mtime +7 -exec rm -f {} +
fi
mkdir "$root"
tar -C "$root" -xf "$packed"
DESTDIR=$root cmake --install "$build" --prefix /usr/local >/dev/null
cp -a "$root/usr/local/share/gpupass/boot/." "$root/" # as a package does
find "$build" -maxdepth 2 -name gpupass-worker -executable -type f -exec cp {} "$root/usr/bin/gpupass-worker" \;
[[ -e $root/dev/null ]] || mknod -m 666 "$root/dev/null" c 1 3
# Small images, which are built quickly: without drivers for other hosts.
printf '%s\n' 'compress="cat"' 'omit_dracutmodules+=" kernel-modules kernel-modules-extra "' >"$root/etc/dracut.conf.d/lab.conf"
kernel=$(ls "$root/lib/modules")
image=/boot/initrd.img-$kernel
passed=0 failed=0

step() {
    local name=$1
    shift
    if (set -e; "$@") >"$work/log" 2>&1; then
        passed=$((passed + 1)) name="ok   $name"
    else
        failed=$((failed + 1)) name="FAIL $name"
    fi
    echo "dracut: $name"
    [[ $name == ok* ]] || sed 's/^/dracut:     | /' "$work/log"
}

# ask JSON: the worker's answer.
ask() {
    chroot "$root" env -i PATH=/usr/bin:/bin gpupass-worker < <(echo "$1"; sleep 600 & echo $! >"$work/sleep"; wait) |
        { read -r _; read -r answer; echo "$answer"; kill "$(cat "$work/sleep")"; }
}
arguments() { echo "\"id\":1,\"tool\":\"dracut\",\"path\":\"$1\",\"lock\":\"/run/lock-of-boot\""; }
list() {
    ask "{\"op\":\"list-boot-image\",$(arguments "$1")}" | tee "$work/list"
    jq -e 'has("result")' "$work/list" >/dev/null
}
builds() {
    ask "{\"op\":\"build-boot-image\",\"kernel\":\"$kernel\",$(arguments "$image")}" | tee "$work/answer"
    jq -e 'has("result")' "$work/answer"
}
holds() { jq -e --arg name "$1" '.result | any(endswith($name))' "$work/list"; }

builds_with_bindings() {
    mkdir -p "$root/etc/gpupass"
    printf 'format 1\n0000:65:00.0 10de:20b0 10de:145f 00112233aabbccdd\n0000:65:00.1 10de:0001 10de:145f\n' \
        >"$root/etc/gpupass/boot-bindings"
    builds
    list "$image.gpupass"
    holds etc/gpupass/boot-bindings/0000:65:00.0,10de:20b0,10de:145f
    holds etc/gpupass/boot-bindings/0000:65:00.1,10de:0001,10de:145f
    holds hooks/pre-udev/00-gpupass.sh
    jq -e '.result | any(test("/vfio-pci.ko"))' "$work/list"
}

exchanges() {
    list "$image"
    jq -e '.result == []' "$work/list"
    ask "{\"op\":\"exchange-boot-images\",\"kernel\":\"$kernel\",$(arguments "$image")}" | jq -e 'has("result")'
    list "$image"
    holds hooks/pre-udev/00-gpupass.sh
    list "$image.gpupass"
    jq -e '.result == []' "$work/list"
    list /boot/initrd.img-none
    jq -e '.result == null' "$work/list"
}

fails_for_a_damaged_file() {
    echo 'reboot' >>"$root/etc/gpupass/boot-bindings"
    rm -f "$root$image.gpupass"
    ask "{\"op\":\"build-boot-image\",\"kernel\":\"$kernel\",$(arguments "$image")}" | tee "$work/answer"
    jq -e '.error.message | contains("boot-bindings is damaged")' "$work/answer"
    [[ ! -e $root$image.gpupass ]]
}

leaves_no_trace() {
    rm -r "$root/etc/gpupass"
    builds
    list "$image.gpupass"
    jq -r '.result[]?' "$work/list" | (! grep gpupass)
}

chroot "$root" dracut --quiet --force "$image" "$kernel" >"$work/log" 2>&1 || die "dracut itself fails: $(cat "$work/log")"
step "an image with bindings holds them, the hook and vfio-pci" builds_with_bindings
step "the image beside takes the place of the present one" exchanges
step "a damaged file gets into no image" fails_for_a_damaged_file
step "without bindings there is no trace of them" leaves_no_trace
echo "$passed passed, $failed failed"
[[ $failed == 0 && $passed -gt 0 ]]
