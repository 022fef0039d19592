#!/bin/bash
# A host with one GPU gives it away, together with the firmware's framebuffer, its console, the display manager and its
# session, and has all of them back but the session. logind has no display here: files stand in for what it says.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:00:01.0 framebuffer=vesa-framebuffer.0
sessions=/run/systemd/sessions

# What people see, beside the state of all devices.
display_state() {
    device_state
    grep -H . /sys/class/vtconsole/*/{name,bind}
    ls /sys/class/graphics
    systemctl is-active display-manager || true
}
remember_display() { display_state >"/tmp/$1.display"; }
same_display() { diff "/tmp/$1.display" <(display_state); }

is_drawn() {
    local name
    for name in /sys/class/vtconsole/*/name; do
        if grep -q 'frame buffer' "$name" && grep -q 1 "${name%name}bind"; then return 0; fi
    done
    return 1
}
shows_framebuffer() { [[ -e /sys/bus/platform/devices/$framebuffer/driver ]]; }
owns_memory() { grep -A 5 "$gpu" /proc/iomem | grep "$1"; }

bind() { gpupass bind "$gpu" --force "$gpu" "$@"; }

draws_on_firmware() {
    echo "gpupass" >/dev/tty1 # the kernel draws nothing before somebody writes
    shows_framebuffer
    owns_memory vesafb
    is_drawn
    on_driver none "$gpu"
    gpupass check "$gpu" | tee /tmp/check || (($? == 3))
    grep gpu.framebuffer /tmp/check
    grep gpu.console /tmp/check
    exits 3 gpupass bind "$gpu"
    bind -n | tee /tmp/plan
    grep "take $framebuffer off its driver" /tmp/plan
    grep "stop to draw the kernel's consoles" /tmp/plan
}

# Writes with its name: the journal's first line, the record of the GPU, and the request to unbind it.
framebuffer_comes_back() {
    local status=0
    remember_display firmware
    LD_PRELOAD=/opt/gpupass/kill_at.so KILL_TEXT=$framebuffer KILL_AT=3 gpupass bind "$gpu" --force "$gpu" || status=$?
    ((status == 137))
    eventually 60 is_unshown
    eventually 120 gpupass -q -y recover
    same_display firmware
}
is_unshown() { ! shows_framebuffer; }

# vfio-pci of Linux 6.0 and later makes the kernel take the framebuffer away for good.
gives_the_firmwares_display_away() {
    bind
    on_driver vfio-pci "$gpu"
    exits 1 owns_memory vesafb
    gpupass check "$gpu" | tee /tmp/check || (($? == 3))
    exits 1 grep gpu.framebuffer /tmp/check
    gpupass release "$gpu"
    on_driver none "$gpu"
}

# A display manager that has the card open, and a session of it that has it open too.
starts_desktop() {
    modprobe bochs
    eventually 60 is_drawn
    on_driver bochs-drm "$gpu"
    cat >/run/systemd/system/display-manager.service <<'END'
[Service]
ExecStart=/bin/bash -c 'exec {fd}</dev/dri/card0; sleep infinity'
END
    systemctl daemon-reload
    systemctl start display-manager
    mkdir -p $sessions
    printf '%s\n' UID=1000 SEAT=seat0 TYPE=wayland >$sessions/2
    eventually 60 opens_card
    remember_display desktop
}
opens_card() { { bind -n || true; } 2>&1 | grep -- '--stop display-manager.service'; }

in_session() { systemd-run --quiet --scope --slice=user-1000.slice --unit=session-2.scope "$@"; }
begins_session() {
    [[ $(systemctl is-active session-2.scope) != active ]] || return 0
    in_session bash -c 'exec {fd}</dev/dri/card0; exec sleep infinity' >/dev/null 2>&1 &
    eventually 60 systemctl is-active session-2.scope
}

needs_its_session_ended() {
    begins_session
    exits 3 bind
    exits 3 bind --stop other.service
    bind -n --stop display-manager.service | tee /tmp/plan
    grep 'end session-2.scope' /tmp/plan
    systemctl stop session-2.scope
    in_session bash -c "! gpupass bind $gpu --force $gpu --stop display-manager.service" >/tmp/refusal 2>&1
    cat /tmp/refusal
    grep 'gpupass runs in session-2.scope' /tmp/refusal
    same_display desktop
}

survives_kills() {
    begins_session
    recovers_from_kills same_desktop releases bind --stop display-manager.service
}
same_desktop() {
    same_display desktop
    begins_session
}
releases() { gpupass release "$gpu"; }

gives_the_desktop_away() {
    begins_session
    bind --stop display-manager.service
    on_driver vfio-pci "$gpu"
    [[ $(systemctl is-active display-manager) == inactive && $(systemctl is-active session-2.scope) == inactive ]]
    exits 1 is_drawn
    remember_display away
    recovers_from_kills same_away gives_again gpupass release "$gpu"
    gpupass release "$gpu"
    same_display desktop
}
same_away() { same_display away; }
gives_again() { bind --stop display-manager.service; }

step "the kernel draws on the firmware's framebuffer" draws_on_firmware
step "killed after it was unbound, and recover: it is back" framebuffer_comes_back
step "bind and release without a driver of the host" gives_the_firmwares_display_away
step "a display manager and its session use the GPU" starts_desktop
step "they must be named, from outside of the session" needs_its_session_ended
step "bind killed after each write, and recover: as found, without the session" survives_kills
step "release killed after each write, and recover: still away, then as found" gives_the_desktop_away
end
