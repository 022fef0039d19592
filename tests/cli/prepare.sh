#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# prepare: on example hosts and on a host made here. That it boots so, the lab shows.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
examples=$(dirname "$0")/../../examples/hosts

# --- wrong use
exits 2 prepare --guests 2
prints err 'expected both'
exits 2 prepare --memory 4G
exits 2 prepare --guests 0 --memory 4G
exits 2 prepare --guests 1 --memory much
exits 2 prepare --guests 1 --memory 1G --hugepages 4K
exits 2 prepare --undo --guests 1 --memory 1G
exits 2 prepare --undo --fix iommu.disabled
exits 2 prepare now
exits 2 --root "$examples/8gpu-2socket.host" prepare
prints err 'expected the running machine'
exits 2 --root "$examples/8gpu-2socket.host" -n prepare --fix gpu.reset
prints err 'expected one of gpu.no-addresses, iommu.disabled'

# --- the pages follow from the guests and the nodes of the GPUs
exits 0 --root "$examples/8gpu-2socket.host" -n prepare --guests 4 --gpus 2 --memory 200G --at-boot
prints out 'reserve 400 huge pages of 1G on node 0, 400 huge pages of 1G on node 1 at boot'
exits 3 --root "$examples/8gpu-2socket.host" -n prepare --guests 5 --gpus 2 --memory 200G
prints err '5 guests of 2 GPUs need 10, and this host has 8 for guests'
exits 3 --root "$examples/8gpu-2socket.host" -n prepare --guests 4 --gpus 2 --memory 2T
prints err 'a sixteenth stays with the host'
exits 0 --root "$examples/8gpu-2socket.host" -n prepare --undo
prints out '^nothing to do'

# --- a host that is prepared says so, and one that waits for its boot too
make_host
own() { mkdir -p "$work/root$(dirname "$1")" && cat >"$work/root$1"; }
head='# Of gpupass: gpupass-prepare(8) says what it is for, and gpupass prepare --undo removes it.'
own /etc/os-release <<<ID=debian
own /etc/default/grub.d/50-gpupass.cfg <<END
$head
GRUB_CMDLINE_LINUX_DEFAULT="\$GRUB_CMDLINE_LINUX_DEFAULT iommu=pt"
END
own /proc/cmdline <<<'quiet'
mkdir -p "$work/root/sys/class/iommu"
host=(--root "$work/root")
exits 0 "${host[@]}" -n prepare --undo
prints out "take gpupass's options off the kernel's command line"
prints out 'reboot the host'
exits 3 "${host[@]}" check
prints out 'host\.preparation'
prints out 'not in effect: the kernel runs without iommu=pt'
own /proc/cmdline <<<'quiet iommu=pt'
exits 3 "${host[@]}" -v check
prints out 'what gpupass prepare set is in effect'
exits 0 "${host[@]}" export
prints out '^kernel_options = \["iommu=pt"\]'
cp "$work/out" "$work/node.toml"
exits 0 "${host[@]}" assert "$work/node.toml"
own /proc/cmdline <<<'quiet'
exits 9 "${host[@]}" assert "$work/node.toml"
prints out 'this boot is not as declared: the kernel runs without iommu=pt'

# --- a file that somebody else wrote is his
own /etc/default/grub.d/50-gpupass.cfg <<<'GRUB_CMDLINE_LINUX_DEFAULT=quiet'
exits 3 "${host[@]}" -n prepare
prints err 'saw other lines, expected those that gpupass writes'
exits 1 "${host[@]}" assert "$work/node.toml"

finish
