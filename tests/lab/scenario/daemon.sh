#!/bin/bash
# libvirtd is killed at each message that gpupass sends to it, before it has the message, and after it has answered.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 gpu2=0000:41:00.0 gpu3=0000:42:00.0 gpu4=0000:22:00.0
small=(--vcpus 1 --memory 256M --virt-type qemu --firmware bios)

# loses_libvirtd SAME BACK COMMAND...: kills libvirtd with the first message of the command, with the second, and so on.
# Afterwards everything is as found, which SAME verifies, or as asked, which BACK takes back.
loses_libvirtd() {
    local same=$1 back=$2 when at status ends=0
    shift 2
    : >/tmp/ends
    for when in before answered; do
        for ((at = 1; ; at++)); do
            rm -f /tmp/messages
            virsh list >/dev/null # wakes libvirtd
            status=0
            LD_PRELOAD=/opt/gpupass/lose_libvirtd.so LOSE_AT=$at LOSE_WHEN=$when LOSE_COUNT=/tmp/messages \
                timeout -s KILL 300 "$@" >/tmp/said 2>&1 || status=$?
            (($(stat -c %s /tmp/messages) >= at)) || break
            eventually 120 virsh list >/dev/null 2>&1
            echo "message $at, $when: exit $status: $(head -n 1 /tmp/said)"
            echo "exit $status" >>/tmp/ends
            case $status in
            0) $back ;;
            1 | 3 | 4 | 8) ;;
            5 | 7)
                eventually 120 gpupass -q -y recover
                $same || $back
                ;;
            *) return 1 ;;
            esac
            $same
            nothing_is_interrupted
        done
        [[ $status == 0 ]]
        $back
        $same
        ends=$((ends + at - 1))
    done
    echo "libvirtd killed $ends times, ${*:2}: $(tally /tmp/ends)" >/tmp/counts
    notes /tmp/counts
    ((ends > 10))
}
found() { same_state found; }

starts_guest() {
    mkdir -p /run/systemd/system/libvirtd.service.d
    printf '[Unit]\nStartLimitIntervalSec=0\n' >/run/systemd/system/libvirtd.service.d/often.conf
    systemctl daemon-reload
    gpupass define guest1 --start --gpu "$gpu3" "${small[@]}" --base /share/base.xml
    sed 's/guest1/off/g' /share/base.xml >/tmp/off.xml
    virsh define /tmp/off.xml
    eventually 600 guest_saw up
    remember_state found
}

loses_it_to_define() { loses_libvirtd found undefines gpupass -q define new --gpu "$gpu" "${small[@]}"; }
undefines() { virsh undefine new; }

loses_it_to_attach() { loses_libvirtd found detaches gpupass -q attach guest1 "$gpu4"; }
loses_it_to_detach() {
    attaches
    remember_state attached
    loses_libvirtd attached attaches gpupass -q detach guest1 "$gpu4"
    detaches
}
attached() { same_state attached; }
attaches() {
    local seen
    seen=$(sees)
    gpupass -q attach guest1 "$gpu4"
    eventually 300 sees_more_than "$seen"
}
sees() { guest_saw '\+' | wc -l; }
sees_more_than() { (($(sees) > $1)); }
# The guest may not have seen it yet, and then it does not let go.
detaches() {
    eventually 300 gpupass -q detach guest1 "$gpu4" --timeout 10
    gpupass -q release "$gpu4"
}

loses_it_to_give() { loses_libvirtd found takes gpupass -q give off "$gpu2"; }
loses_it_to_take() {
    gives
    remember_state given
    loses_libvirtd given gives gpupass -q take off "$gpu2"
    takes
}
given() { same_state given; }
gives() { gpupass -q give off "$gpu2"; }
takes() { gpupass -q take off "$gpu2"; }

loses_it_to_undo() {
    gives
    remember_state given
    loses_libvirtd given undoes gpupass -q undo
    undoes
    found
}
undoes() { gpupass -q undo; }

ends() {
    virsh destroy guest1
    virsh undefine guest1
    virsh undefine off
    gpupass -q release "$gpu3"
    same_state
}

step "record the state before" remember_state
step "a guest runs" starts_guest
step "libvirtd killed at each message of define" loses_it_to_define
step "libvirtd killed at each message of give" loses_it_to_give
step "libvirtd killed at each message of take" loses_it_to_take
step "libvirtd killed at each message of undo" loses_it_to_undo
step "libvirtd killed at each message of attach" loses_it_to_attach
step "libvirtd killed at each message of detach" loses_it_to_detach
step "the state afterwards is the state before" ends
cat "$guest_console" >/share/guest.console
end
