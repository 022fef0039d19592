#!/bin/bash
# Declared slices over a boot: the unit makes them again from the record, and nothing else does. The driver, which
# module/lab_mdev.c plays, comes by hand, so the unit is started again when it is there.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:41:00.0 uuid=c73f1fa6-489e-4834-9476-d70dabd98c40

there() { ls /sys/bus/mdev/devices; }

installs() {
    cp -a /share/install/. /
    ldconfig
    systemctl daemon-reload
}

is_declared() {
    cat >/share/node.toml <<END
[gpus."$gpu".slices.types]
"Lab Slice-1" = 2
lab_mdev-large = ["$uuid"]
END
    gpupass -y apply /share/node.toml
    gpupass assert /share/node.toml
    there | sort >/share/declared
    [[ $(wc -l </share/declared) == 3 ]]
    grep 'id = "lab_mdev-small", slices = ' /etc/gpupass/slices
}

# Without the driver nothing can be made: the unit says so, and the boot goes on.
boots_without_the_driver() {
    [[ -z $(there) ]]
    systemctl show -p ExecMainStatus gpupass-slices | grep -v 'ExecMainStatus=0$'
    journalctl -b -u gpupass-slices -o cat | grep "$gpu"
    systemctl is-active libvirtd || systemctl start libvirtd
}

comes_back_as_declared() {
    bind_lab_mdev "$gpu"
    systemctl restart gpupass-slices
    diff /share/declared <(there | sort)
    gpupass assert /share/node.toml
    gpupass -y apply /share/node.toml | grep '^nothing to do'
    systemctl show -p Before gpupass-slices | grep -E 'libvirtd.service|virtqemud.service'
}

is_forgotten() {
    printf '[gpus."%s".slices]\ntypes = {}\n' "$gpu" >/tmp/none.toml
    gpupass -y apply /tmp/none.toml
    [[ -z $(there) && ! -e /etc/gpupass/slices ]]
    systemctl restart gpupass-slices # its condition is not met
    [[ -z $(there) ]]
}

case $boot in
1)
    step "install" installs
    step "a GPU gets a driver that makes mediated devices" bind_lab_mdev "$gpu"
    step "apply makes what is declared, and records it" is_declared
    ;;
2)
    step "a boot without the driver makes nothing and says so" boots_without_the_driver
    step "with the driver the unit makes what is recorded" comes_back_as_declared
    step "what is declared no more is made no more" is_forgotten
    end
    exit
    ;;
esac
reboot
