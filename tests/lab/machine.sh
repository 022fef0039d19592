#!/bin/bash
# Prints QEMU's arguments for one topology of the emulated host, one on each line:
#
#   machine.sh TOPOLOGY IMAGE OUT
#
# IMAGE is the folder of build-image.sh. OUT contains disk.qcow2, the host's disk, and share, the
# host's /share; QEMU writes OUT/console.log. An initrd in the share replaces that of the image.
# Each topology is a function `topology_NAME`; `machine` has the arguments of all hosts. Every device
# has a fixed address, so scenarios can name it. A topology that changes between boots tests $boot,
# which is 1 for the first boot.
set -euo pipefail

# Drivers that udev would load slowly and without need.
unneeded=ahci,iTCO_wdt,i2c_i801,lpc_ich,pcspkr,powernow_k8,acpi_cpufreq,aesni_intel,ghash_clmulni_intel,sha512_ssse3,crc32_pclmul,crct10dif_pclmul

options="root=/dev/vda rw console=ttyS0 quiet intel_iommu=on iommu=pt mitigations=off tsc=reliable no_timer_check panic=-1 modprobe.blacklist=$unneeded"

arg() { printf '%s\n' "$@"; }
device() { arg -device "$1"; }

# Two packages of four CPUs. Each is a NUMA node of 3 GiB with its own PCIe root (pxb-pcie), because
# QEMU gives only devices below such a root a NUMA node.
machine() {
    local image=$1 out=$2 initrd=$1/initrd
    [[ ! -f $out/share/initrd ]] || initrd=$out/share/initrd
    # Never KVM: a nested machine hangs if /dev/kvm itself is emulated.
    arg -nodefaults -no-reboot -display none
    arg -machine q35,kernel-irqchip=split -accel tcg,thread=multi -cpu max,-svm,-la57
    arg -smp 8,sockets=2,cores=4 -m 6G
    arg -object memory-backend-ram,id=ram0,size=3G -numa node,nodeid=0,cpus=0-3,memdev=ram0
    arg -object memory-backend-ram,id=ram1,size=3G -numa node,nodeid=1,cpus=4-7,memdev=ram1
    arg -numa dist,src=0,dst=1,val=21
    # The IOMMU must come before every PCI device.
    device intel-iommu,intremap=on,caching-mode=on,device-iotlb=on
    # no_timer_check: on a busy machine the emulated timer is late, and the kernel would treat it as broken.
    # panic=-1 with -no-reboot: QEMU exits when the host panics.
    arg -kernel "$image/vmlinux" -initrd "$initrd"
    arg -append "$options"
    arg -chardev "file,id=console,path=$out/console.log,append=on" -serial chardev:console
    # If QEMU is killed, this disk behaves as after a power loss: data that the host flushed is in the file, and other
    # data may be lost, because QEMU caches at least the tables of new clusters. `writethrough` would keep all data that
    # left the host's page cache, and `unsafe` would lose flushed data. If no space is left, the host gets an error and
    # is not stopped.
    arg -drive "file=$out/disk.qcow2,format=qcow2,if=none,id=disk,cache=writeback,werror=report"
    device virtio-blk-pci,drive=disk,bus=pcie.0,addr=0x2
    arg -fsdev "local,path=$out/share,id=share,security_model=none"
    device virtio-9p-pci,fsdev=share,mount_tag=lab,bus=pcie.0,addr=0x3
    # The host's own display: the boot VGA and framebuffer console are here, not on the tested GPUs.
    device VGA,bus=pcie.0,addr=0x1
    device pxb-pcie,id=node0,bus=pcie.0,addr=0x10,bus_nr=32,numa_node=0
    device pxb-pcie,id=node1,bus=pcie.0,addr=0x11,bus_nr=64,numa_node=1
}

# 0000:21:00.0 + .1: a GPU with its audio function, one IOMMU group, node 0.
# 0000:41:00.0: a second GPU, node 1.
topology_audio() {
    device pcie-root-port,id=port0,bus=node0,addr=0x0,chassis=1,slot=1
    device secondary-vga,bus=port0,addr=0x0.0x0,multifunction=on
    device intel-hda,bus=port0,addr=0x0.0x1
    device pcie-root-port,id=port1,bus=node1,addr=0x0,chassis=2,slot=2
    device bochs-display,bus=port1,addr=0x0
}

# Like audio, but another device replaces the first GPU in the fourth boot.
topology_persist() {
    if [[ $boot != 4 ]]; then
        topology_audio
        return
    fi
    device pcie-root-port,id=port0,bus=node0,addr=0x0,chassis=1,slot=1
    device virtio-gpu-pci,bus=port0,addr=0x0
    device pcie-root-port,id=port1,bus=node1,addr=0x0,chassis=2,slot=2
    device bochs-display,bus=port1,addr=0x0
}

topology_run() { topology_guest; }
topology_races() { topology_guest; }
topology_daemon() { topology_guest; }
topology_wedged() { topology_audio; }
topology_validate() { topology_audio; }
topology_power() { topology_audio; }
topology_kills() { topology_audio; }
topology_declared() { topology_audio; }
topology_tuned() { topology_audio; }
topology_tenants() { topology_audio; }
topology_speed() { topology_audio; }
topology_slices() { topology_audio; }
topology_declared-slices() { topology_audio; }

# Like audio; the second boot is without IOMMU, the third without remapped interrupts.
topology_checks() {
    topology_audio
    local extra=('' intel_iommu=off intremap=off)
    arg -append "$options ${extra[boot - 1]}"
}

# Like audio, with a kernel whose IOMMU is off unless an option switches it on. In each boot but the first it has the
# options that GRUB would give it.
topology_prepared() {
    topology_audio
    local bare=${options/intel_iommu=on iommu=pt /intel_iommu=off }
    arg -append "$bare $(cat "$2/share/grub-options" 2>/dev/null || echo quiet)"
}

# The same two GPUs, distinguished by their memory: 16 MiB on node 0, 32 MiB on node 1.
topology_nodes() {
    device pcie-root-port,id=port0,bus=node0,addr=0x0,chassis=1,slot=1
    device secondary-vga,vgamem_mb=16,bus=port0,addr=0x0.0x0,multifunction=on
    device intel-hda,bus=port0,addr=0x0.0x1
    device pcie-root-port,id=port1,bus=node1,addr=0x0,chassis=2,slot=2
    device bochs-display,vgamem=32M,bus=port1,addr=0x0
}

# 0000:21:00.0 to .3, one IOMMU group: a GPU, an NVMe disk, a network card and a USB controller with the host's only
# keyboard. 0000:41:00.0: a GPU. 0000:42:00.0: a disk that can have virtual functions.
topology_guards() {
    arg -machine i8042=off
    truncate -s 64M "$2/nvme.raw" # $1 is the image, $2 the folder of the run
    device pcie-root-port,id=port0,bus=node0,addr=0x0,chassis=1,slot=1
    device bochs-display,bus=port0,addr=0x0.0x0,multifunction=on
    arg -drive "file=$2/nvme.raw,format=raw,if=none,id=nvme"
    device nvme,drive=nvme,serial=a,bus=port0,addr=0x0.0x1
    arg -netdev hubport,id=net,hubid=0
    device e1000e,netdev=net,bus=port0,addr=0x0.0x2
    device qemu-xhci,id=usb,bus=port0,addr=0x0.0x3
    device usb-kbd,bus=usb.0
    device pcie-root-port,id=port1,bus=node1,addr=0x0,chassis=2,slot=2
    device bochs-display,bus=port1,addr=0x0
    device pcie-root-port,id=port2,bus=node1,addr=0x1,chassis=3,slot=3
    device nvme-subsys,id=subsystem
    device nvme,serial=b,subsys=subsystem,sriov_max_vfs=4,sriov_vq_flexible=8,sriov_vi_flexible=4,max_ioqpairs=10,msix_qsize=14,bus=port2
}

# For guests: a card of two functions and a GPU on node 0 (0000:21:00.0, 0000:22:00.0), and two GPUs on
# node 1 (0000:41:00.0, 0000:42:00.0).
topology_guest() {
    topology_audio
    device pcie-root-port,id=port3,bus=node0,addr=0x1,chassis=4,slot=4
    device bochs-display,bus=port3,addr=0x0
    device pcie-root-port,id=port2,bus=node1,addr=0x1,chassis=3,slot=3
    device bochs-display,bus=port2,addr=0x0
}

# Only the display of the host, 0000:00:01.0, with a framebuffer that the firmware has set up: for that the kernel must
# start in real mode, as its packed image does. Its driver comes later.
topology_session() {
    [[ -f $2/vmlinuz ]] || PATH=$PATH:/usr/sbin debugfs -R "dump $(packed_kernel "$1") $2/vmlinuz" "$1/disk.ext4" 2>/dev/null
    arg -kernel "$2/vmlinuz" -append "$options,bochs vga=791"
}
packed_kernel() { PATH=$PATH:/usr/sbin debugfs -R "ls -p /boot" "$1/disk.ext4" 2>/dev/null | grep -o '/vmlinuz-[^/]*' | sed 's,^,/boot,'; }

# 0000:23:00.0 and 0000:24:00.0: two GPUs behind a switch whose downstream ports have no ACS. The
# kernel puts each GPU into its own group, but they reach each other without passing the IOMMU.
topology_switch() {
    device pcie-root-port,id=port0,bus=node0,addr=0x0,chassis=1,slot=1
    device x3130-upstream,id=switch,bus=port0
    device xio3130-downstream,id=down0,bus=switch,addr=0x0,chassis=2,slot=2
    device xio3130-downstream,id=down1,bus=switch,addr=0x1,chassis=3,slot=3
    device bochs-display,bus=down0,addr=0x0
    device bochs-display,bus=down1,addr=0x0
}

boot=$(cat "$3/share/boot") # for the topologies
export boot
machine "$2" "$3"
"topology_$1" "$2" "$3"
