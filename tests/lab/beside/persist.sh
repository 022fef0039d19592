#!/bin/bash
# Builds boot images for the host of topology persist while it runs: persist.sh IMAGE OUT
#
# In the host this would take longer than all other steps together. So a substitute for its mkinitramfs hands the work
# to this script, which runs the real one in a copy of the host's file system, with the files that gpupass installs and
# the host's current list. Each image also contains the host driver of the GPUs, so that the two drivers race for them.
set -euo pipefail
image=$1 out=$2
share=$out/share/build root=$out/root
[[ $EUID == 0 ]] || { echo "it must run as root (chroot)"; exit 1; }
PATH=$PATH:/usr/sbin:/sbin

mkdir -p "$share" "$root"
debugfs -R "rdump /usr /etc /boot $root" "$image/disk.ext4" 2>/dev/null
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
mkdir -p "$root"/{dev,proc,tmp,var/tmp,run}
mknod -m 666 "$root/dev/null" c 1 3
cp -a "$out/share/install/." "$root/"
cp -a "$root/usr/local/share/gpupass/boot/." "$root/"
echo bochs >>"$root/etc/initramfs-tools/modules"
touch "$share/ready"

# build KERNEL: builds the image of each list only once.
build() {
    local key
    key=$out/initrd-$(sha256sum 2>/dev/null <"$share/boot-bindings" | cut -c1-16)
    rm -rf "$root/etc/gpupass"
    if [[ -f $share/boot-bindings ]]; then
        mkdir "$root/etc/gpupass"
        cp "$share/boot-bindings" "$root/etc/gpupass/"
    fi
    if [[ ! -f $key ]]; then
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" mkinitramfs -o /tmp/initrd "$1" || return
        mv "$root/tmp/initrd" "$key"
    fi
    cp "$key" "$share/initrd"
}

while sleep 0.2 && kill -0 $PPID 2>/dev/null; do
    [[ -f $share/request ]] || continue
    status=0
    build "$(cat "$share/request")" || status=$?
    rm "$share/request"
    echo $status >"$share/status.new"
    mv "$share/status.new" "$share/status"
done
