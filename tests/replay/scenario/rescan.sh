# GPUs are removed and found again while others list and bind.
# shellcheck shell=sh
# All functions of the card, as when it is pulled.
remove() { for function in "$(device "${1%.*}")".?; do echo 1 >"$function/remove"; done; }
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

all=$(givable)
# shellcheck disable=SC2086
if [ -n "$all" ]; then
    step "remove and rescan under load" remove_under_load $all
    step "the host's driver claims a GPU first" claimed_first ${all%% *}
fi
