#!/bin/bash
# A bare host becomes a node: prepare, reboot, apply; and the first host again: prepare --undo, reboot. The kernel has the
# IOMMU off, as one that is built so (machine.sh), and its command line does not tell. What GRUB would boot is what the
# next boot has: the words of the first entry of the grub.cfg that update-grub has made.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 audio=0000:21:00.1
own=/etc/default/grub.d/50-gpupass.cfg
sed 's/intel_iommu=off //' /proc/cmdline >/tmp/cmdline
mount --bind /tmp/cmdline /proc/cmdline

pages() { cat "/sys/devices/system/node/node$1/hugepages/hugepages-2048kB/nr_hugepages"; }
# All that prepare may change.
what_boots() {
    grep -r . /etc/default/grub /etc/default/grub.d /etc/modules-load.d /etc/tmpfiles.d 2>/dev/null | sort
    cat /boot/grub/grub.cfg
    pages 0
    pages 1
}
same_boots() { diff /share/boots <(what_boots); }

is_bare() {
    mkdir -p /boot/grub
    [[ -f /etc/default/grub ]] || cp /usr/share/grub/default/grub /etc/default/grub
    update-grub
    cp /proc/cmdline /share/first.cmdline
    what_boots >/share/boots
    [[ -z $(ls /sys/class/iommu) ]]
    exits 3 gpupass -y bind $gpu | tee /tmp/refusal
    exits 3 gpupass check $gpu | tee /tmp/check
    grep 'gpupass prepare --fix iommu.disabled' /tmp/check
}

plans_and_changes_nothing() {
    gpupass --dry-run prepare --guests 2 --memory 512M --hugepages 2M | tee /tmp/plan
    grep 'boot with intel_iommu=on iommu=pt from now on' /tmp/plan
    grep 'reserve 256 huge pages of 2M on node 0, 256 huge pages of 2M on node 1 at boot' /tmp/plan
    grep 'reboot the host' /tmp/plan
    same_boots
}

is_prepared() {
    gpupass -y prepare --guests 2 --memory 512M --hugepages 2M
    grep 'intel_iommu=on iommu=pt' $own
    grep -c 'quiet intel_iommu=on iommu=pt' /boot/grub/grub.cfg
    [[ $(pages 0) == 256 && $(pages 1) == 256 ]]
    gpupass -y prepare --guests 2 --memory 512M --hugepages 2M | grep '^nothing to do'
    exits 3 gpupass check --json >/tmp/check
    grep -A3 host.preparation /tmp/check | grep 'not in effect: the kernel runs without intel_iommu=on iommu=pt'
}

prepare() { gpupass -y prepare --guests 2 --memory 512M --hugepages 2M; }
undo() { gpupass -y prepare --undo; }
is_as_before_wherever_it_dies() {
    undo
    same_boots
    echo 9 >/share/kills
    recovers_from_kills same_boots undo prepare
    prepare
}

is_taken_back_where_a_later_file_overrides() {
    undo
    echo 'GRUB_CMDLINE_LINUX_DEFAULT=quiet' >/etc/default/grub.d/90-mine.cfg
    exits 4 gpupass -y prepare 2>&1 | tee /tmp/report
    grep 'a later file in /etc/default/grub.d' /tmp/report
    [[ ! -e $own ]]
    rm /etc/default/grub.d/90-mine.cfg
    same_boots
    prepare
}

is_in_effect() {
    grep 'intel_iommu=on iommu=pt' /proc/cmdline
    [[ -n $(ls /sys/class/iommu) ]]
    [[ $(pages 0) == 256 && $(pages 1) == 256 ]]
    grep -w vfio_pci /proc/modules
    gpupass check --json >/tmp/check || true # a GPU of this machine cannot be reset alone
    grep -B1 -A3 host.preparation /tmp/check | grep '"pass"'
    gpupass -y prepare | grep '^nothing to do'
}

is_declared() {
    eventually 120 on_driver bochs-drm $gpu
    eventually 120 on_driver snd_hda_intel $audio
    gpupass export >/tmp/node.toml
    cat /tmp/node.toml
    grep -A3 '^\[host.prepare\]' /tmp/node.toml | grep 'hugepages = \["0:2M:256", "1:2M:256"\]'
    sed -i "/$gpu/,/^\$/s/use = \"host\"/use = \"whole\"\nboot = false/" /tmp/node.toml
    gpupass -y apply /tmp/node.toml
    on_driver vfio-pci $gpu $audio
    gpupass assert /tmp/node.toml
    gpupass place --gpu $gpu --vcpus 1 --memory 512M --hugepages 2M --virt-type qemu
}

drift_is_named() {
    echo 10 >/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages
    exits 9 gpupass assert /tmp/node.toml | tee /tmp/differences
    grep 'node 1 has 10 of 256 huge pages of 2M' /tmp/differences
    gpupass -y apply /tmp/node.toml
    [[ $(pages 1) == 256 ]]
    sed -i 's/iommu=pt/iommu=nopt/' $own
    exits 9 gpupass assert /tmp/node.toml | tee /tmp/differences
    grep 'what every boot does is not what is declared' /tmp/differences
    gpupass -y apply /tmp/node.toml
    gpupass assert /tmp/node.toml
}

is_undone() {
    gpupass -y release $gpu
    undo
    same_boots
}

is_the_first_host() {
    diff /share/first.cmdline /proc/cmdline
    [[ -z $(ls /sys/class/iommu) ]]
    same_boots
    [[ $(pages 0) == 0 && $(pages 1) == 0 ]]
}

# What GRUB gives the kernel, behind the words that the emulated machine needs.
boots_by_grub() {
    grep -m1 -E '^[[:space:]]*linux' /boot/grub/grub.cfg | sed -E 's/.* ro +//' | xargs >/share/grub-options
    cat /share/grub-options
}

case $boot in
1)
    step 'a host with the IOMMU off refuses, and says what mends it' is_bare
    step 'prepare --dry-run prints a plan and writes nothing' plans_and_changes_nothing
    step 'prepare: kernel options in grub.cfg, huge pages on each node now' is_prepared
    step 'prepare killed after each ninth write, and recover: as found, or as asked' is_as_before_wherever_it_dies
    step 'a later file of the user that overrides the options: all is taken back' is_taken_back_where_a_later_file_overrides
    step 'GRUB boots what it wrote' boots_by_grub
    reboot
    ;;
2)
    step 'the next boot has the IOMMU, the pages on each node and the module' is_in_effect
    step 'apply: the GPU on vfio-pci; assert: as declared' is_declared
    step 'drift by hand is named, and apply mends it' drift_is_named
    step 'prepare --undo gives back the first files' is_undone
    step 'GRUB boots what it wrote' boots_by_grub
    reboot
    ;;
3)
    step 'the third boot is the first host' is_the_first_host
    end
    ;;
esac
