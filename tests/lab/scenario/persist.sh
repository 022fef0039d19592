#!/bin/bash
# A GPU with a boot binding. The first boot records it, the boot image of the second binds it, and in the third, whose
# image lacks the binding, the unit does. The fourth boot has another device there, which is left alone. The fifth
# releases the GPU, and the sixth is like the first.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 audio=0000:21:00.1 gpu2=0000:41:00.0 screen=0000:00:01.0
file=/etc/gpupass/boot-bindings
image=/boot/initrd.img-$(uname -r)
# Use the installed program, as the units do, not the one that steps.sh puts first.
export PATH=${PATH#/opt/gpupass:}
unset LD_LIBRARY_PATH

# not COMMAND...: unlike a plain `!`, a failure ends the step.
not() { ! "$@"; }
in_image() { lsinitramfs "$image" | grep "$@"; }
kernel_says() { dmesg | grep -F "gpupass: $1"; }

# Every trace of a binding that another boot could find. The image itself differs with each build.
traces() {
    find /etc /boot /var/lib/gpupass /run/gpupass -name journal -prune -o -name locks -prune -o -type f -print 2>/dev/null | sort || true
    in_image -E 'gpupass|vfio' || true
}

installs() {
    cp -a /share/install/. /
    ldconfig
    gpupass -y boot install
    touch /share/installed # from now on a boot failure may be gpupass's fault
    systemctl daemon-reload
    # The real tool is too slow here: the development machine runs it, see beside/persist.sh. Nothing else is replaced.
    cat >/usr/sbin/mkinitramfs <<'END'
#!/bin/sh
# mkinitramfs -o FILE KERNEL
[ "$1" = -o ] && [ $# = 3 ] || exit 2
[ ! -e /run/no-room ] || { echo 'No space left on device' >&2; echo half >"$2"; exit 1; }
rm -f /share/build/status /share/build/boot-bindings
[ ! -e /etc/gpupass/boot-bindings ] || cp /etc/gpupass/boot-bindings /share/build/
echo "$3" >/share/build/request.new
mv /share/build/request.new /share/build/request
until [ -e /share/build/status ]; do sleep 0.2; done
cp /share/build/initrd "$2"
exit "$(cat /share/build/status)"
END
    eventually 300 test -e /share/build/ready
    # From now on the host boots the image that the development machine builds.
    mkinitramfs -o "$image" "$(uname -r)"
    not in_image gpupass
    traces >/share/traces
}

tells_every_path() {
    gpupass -n bind --persist "$gpu" | tee /tmp/plan
    grep "$file is written, and mkinitramfs rebuilds $image" /tmp/plan
    same_state
    diff /share/traces <(traces)
}

undoes_a_failed_build() {
    touch /run/no-room
    exits 4 gpupass bind --persist "$gpu" | tee /tmp/failed
    rm /run/no-room
    grep 'No space left on device' /tmp/failed
    same_state
    diff /share/traces <(traces)
}

# The GPU is already bound: this step tests only the persistent part.
survives_kills() {
    gpupass bind "$gpu"
    remember_state bound
    recovers_from_kills same_as_bound no_more_at_boot gpupass bind --persist "$gpu"
    gpupass release "$gpu"
    same_state
    diff /share/traces <(traces)
}
same_as_bound() { same_state bound; }
no_more_at_boot() {
    gpupass release --persist "$gpu"
    gpupass bind "$gpu"
}

binds() {
    gpupass bind --persist "$gpu"
    on_driver vfio-pci "$gpu" "$audio"
    cat $file
    in_image -F "etc/gpupass/boot-bindings/$gpu,1234:1111,"
    in_image -F "etc/gpupass/boot-bindings/$audio,8086:"
    in_image -F scripts/init-top/gpupass
    in_image vfio-pci.ko
    gpupass bind --persist "$gpu" --json | jq -e '.report.outcome == "already" and .report.changed == false'
}

told() {
    gpupass show "$gpu" | grep -E 'at boot +bound to vfio-pci'
    gpupass check "$gpu" --json |
        jq -e --arg gpu "$gpu" '[.findings[] | select(.id == "gpu.boot-binding" and .subject == $gpu)] | length == 1'
    gpupass -n release "$gpu" | grep 'the next boot binds'
    (($(stat -c %a $file) == 600))
}

refuses_the_screen() { exits 3 gpupass bind --persist "$screen"; }

is_bound_by_the_image() {
    on_driver vfio-pci "$gpu" "$audio"
    kernel_says "$gpu: bound to vfio-pci"
    kernel_says "$audio: bound to vfio-pci"
    # Its driver is in the same image, and bound the other GPU.
    in_image bochs
    on_driver bochs-drm "$gpu2" "$screen"
    dmesg | grep -E "bochs-drm $gpu2|bochs-drm 0000:00:01.0" || true
    dmesg | (! grep -E "bochs[-_a-z]* $gpu|snd_hda_intel $audio")
    [[ ! -e /run/gpupass/home/$gpu ]]
}

unit_had_nothing_to_do() {
    systemctl show -p Result,ExecMainStatus gpupass-boot.service | tee /tmp/unit
    grep ExecMainStatus=0 /tmp/unit
    journalctl -b -u gpupass-boot.service -o cat | grep 'nothing to do'
    gpupass bind --at-boot --json | jq -e '.report.outcome == "already"'
}

# The journal's last line is missing: the units must undo the operation.
leaves_an_operation_open() {
    exits 137 env LD_PRELOAD=/opt/gpupass/kill_at.so KILL_AT=4 KILL_WHEN=before \
        gpupass define cut --gpu "$gpu" --vcpus 1 --memory 256M --virt-type qemu --firmware bios
    virsh dominfo cut
    [[ $(gpupass history --json | jq -r '.operations[-1].outcome') == interrupted ]]
}

guests_were_recovered() {
    systemctl show -p Result,ExecMainStatus gpupass-recover-guests.service gpupass-recover-devices.service
    journalctl -b -u gpupass-recover-guests.service -o cat
    eventually 60 test "$(gpupass history --json | jq -r '[.operations[] | select(.outcome == "interrupted")] | length')" == 0
    not virsh dominfo cut
}

is_bound_by_the_unit() {
    not kernel_says "$gpu"
    on_driver vfio-pci "$gpu" "$audio"
    journalctl -b -u gpupass-boot.service -o cat | tee /tmp/unit
    grep "bind $gpu to vfio-pci" /tmp/unit
    # Before any process can connect to libvirt.
    local bound started
    bound=$(systemctl show -p ExecMainExitTimestampMonotonic --value gpupass-boot.service)
    started=$(systemctl show -p ActiveEnterTimestampMonotonic --value libvirtd.socket)
    ((bound < started))
}

leaves_the_other_device_alone() {
    on_driver virtio-pci "$gpu"
    grep -x '(null)' "/sys/bus/pci/devices/$gpu/driver_override"
    kernel_says "$gpu: another device than 1234:1111 is there: left alone"
    kernel_says "$audio: nothing is there"
    systemctl show -p ExecMainStatus gpupass-boot.service | grep ExecMainStatus=3
    gpupass check "$gpu" --json | tee /tmp/check
    jq -e --arg gpu "$gpu" '.findings[] | select(.id == "gpu.boot-binding-stale" and .subject == $gpu)
        | .verdict == "warn" and (.message | contains("1af4:1050"))
          and (.remedy | contains("release --persist"))' /tmp/check
    gpupass show "$gpu" | grep -E 'at boot +nothing: it is another device'
}

releases() {
    on_driver vfio-pci "$gpu" "$audio"
    gpupass release --persist "$gpu"
    on_driver bochs-drm "$gpu"
    on_driver snd_hda_intel "$audio"
    same_state
    diff /share/traces <(traces)
    [[ ! -e /etc/gpupass ]]
}

case $boot in
    1)
        step "record the state before" remember_state
        step "install gpupass" installs
        step "bind --persist --dry-run names every path, changes nothing" tells_every_path
        step "bind --persist refuses the boot display" refuses_the_screen
        step "bind --persist whose image cannot be built is undone" undoes_a_failed_build
        step "bind --persist killed after each write, and recover: as found" survives_kills
        step "bind --persist: the file, the image, and now" binds
        step "show, check and release tell of it" told
        cp "$image" /share/initrd
        reboot ;;
    2)
        step "the boot image has bound the GPU, and its driver never had it" is_bound_by_the_image
        step "the unit found it so" unit_had_nothing_to_do
        step "define is cut off" leaves_an_operation_open
        rm /share/initrd
        reboot ;;
    3)
        step "an image that does not know: the unit has bound the GPU, before libvirt" is_bound_by_the_unit
        step "what was cut off has been undone" guests_were_recovered
        cp "$image" /share/initrd
        reboot ;;
    4)
        step "another device at its address: left alone, and told" leaves_the_other_device_alone
        reboot ;;
    5)
        step "release --persist: home, and without trace" releases
        cp "$image" /share/initrd
        reboot ;;
    *)
        step "the state afterwards is the state before" same_state
        step "no trace" diff /share/traces <(traces) ;;
esac
end
