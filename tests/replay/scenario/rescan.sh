# GPUs are removed and found again while others list and bind.
# shellcheck shell=sh
# All functions of the card, as when it is pulled.
remove() { for function in "$(device "${1%.*}")".?; do echo 1 >"$function/remove"; done; }
rescan() { echo 1 >/sys/bus/pci/rescan; }

# Groups may differ afterwards: Linux puts a function that is added later into a group before it knows that its card has
# several (pci_scan_slot), unless its own header says so. On a real host as well.
remember_drivers() { sysfs state | cut -d ' ' -f 1,3- >/tmp/before; }
same_drivers() { sysfs state | cut -d ' ' -f 1,3- | diff /tmp/before -; }

remove_under_load() {
    remember_drivers
    while :; do gpupass -q list || echo "list failed"; done >/tmp/list 2>&1 &
    load=$!
    for gpu; do
        remove "$gpu"
        rescan
    done
    kill $load
    wait $load || true
    ! grep "list failed" /tmp/list
    same_drivers
}

# It comes back without the override: its driver of the host claims it first.
claimed_first() {
    remember_drivers
    gpupass -q -y bind "$1"
    remove "$1"
    rescan
    gpupass -q list
    gpupass -q -y release "$1" || true
    same_drivers
}

all=$(givable)
# shellcheck disable=SC2086
if [ -n "$all" ]; then
    step "the host's driver claims a GPU first" claimed_first ${all%% *}
    step "remove and rescan under load" remove_under_load $all
fi
