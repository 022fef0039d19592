# GPUs are removed and found again while others list and bind.
# shellcheck shell=sh
remove() { echo 1 >"$(device "$1")/remove"; }
rescan() { echo 1 >/sys/bus/pci/rescan; }

remove_under_load() {
    remember_state
    while :; do gpupass -q list || echo "list failed"; done >/tmp/list 2>&1 &
    load=$!
    for gpu; do
        remove "$gpu"
        rescan
    done
    kill $load
    wait $load || true
    ! grep "list failed" /tmp/list
    same_state
}

# It comes back without the override: its driver of the host claims it first.
claimed_first() {
    remember_state
    gpupass -q -y bind "$1"
    remove "$1"
    rescan
    gpupass -q list
    gpupass -q -y release "$1" || true
    same_state
}

all=$(gpus yes)
# shellcheck disable=SC2086
if [ -n "$all" ]; then
    step "remove and rescan under load" remove_under_load $all
    step "the host's driver claims a GPU first" claimed_first ${all%% *}
fi
