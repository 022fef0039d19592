# A GPU that cannot be given away is refused with a reason, and nothing changes.
# shellcheck shell=sh
refuse() {
    remember_state
    exits 3 gpupass -q -y bind "$1" >/tmp/why 2>&1 || { cat /tmp/why; false; }
    [ -s /tmp/why ]
    same_state
    echo "@note refused $(full "$1")"
}
for gpu in $(refused); do step "bind of $gpu is refused" refuse "$gpu"; done
