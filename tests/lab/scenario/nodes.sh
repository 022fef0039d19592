#!/bin/bash
# A guest on both NUMA nodes with a GPU of each: QEMU's threads and memory, and the guest's own
# kernel, must match the placement. Then huge pages that only one node has, and too few huge pages.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 gpu2=0000:41:00.0
request=(--gpus 2 --vcpus 4 --memory 768M --virt-type qemu --firmware bios)
pool=/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages

plans() {
    gpupass place "${request[@]}" --json | tee /tmp/place.json
    jq -e --arg gpu "$gpu" --arg gpu2 "$gpu2" '
        .placement | .gpus == [$gpu, $gpu2] and (.cells | map(.node) == [0, 1])
        and all(.cells[]; .memory_bytes == 384 * 1024 * 1024) and (.vcpu_pins | length == 4)' /tmp/place.json
}
planned() { jq -er ".placement.$1" /tmp/place.json; }

starts_guest() {
    gpupass define guest2 --start "${request[@]}" --base /share/base.xml
    virsh dumpxml guest2
    [[ $(virsh domstate guest2) == running* ]]
}

process_of() { pgrep -f "qemu-system-x86_64 -name guest=$1,"; }
allowed_cpus() { awk '/^Cpus_allowed_list/ {print $2}' "/proc/$1/status"; }

# Prints the CPUs of 0-2,5 one on each line, sorted for comm.
expand_cpus() {
    local range
    for range in ${1//,/ }; do seq "${range%-*}" "${range#*-}"; done | sort
}

vcpus_pinned_as_planned() {
    local vcpu thread
    virsh qemu-monitor-command guest2 '{"execute": "query-cpus-fast"}' |
        jq -r '.return[] | "\(."cpu-index") \(."thread-id")"' | tee /tmp/vcpus
    [[ $(wc -l </tmp/vcpus) == 4 ]]
    while read -r vcpu thread; do
        echo "vCPU $vcpu: $(allowed_cpus "$thread")"
        [[ $(allowed_cpus "$thread") == "$(planned "vcpu_pins[] | select(.vcpu == $vcpu).cpus")" ]]
    done </tmp/vcpus
}

emulator_pinned_as_planned() {
    local task cpus
    cpus=$(planned emulator_cpus)
    for task in "/proc/$(process_of guest2)"/task/*; do
        ! grep -q " ${task##*/}$" /tmp/vcpus || continue
        echo "$(cat "$task/comm"): $(allowed_cpus "${task##*/}"), planned $cpus"
        # No CPU that the thread may use is another.
        comm -13 <(expand_cpus "$cpus") <(expand_cpus "$(allowed_cpus "${task##*/}")") | (! grep .)
    done
}

# kib_on_nodes NAME CELL: for the guest's memory of one cell, which is bound to the node of the same number, the KiB
# on node 0 and on node 1 and the page size. The kernel counts in pages of that size.
kib_on_nodes() {
    awk -v policy="^bind(=static)?:$2\$" '
        $2 ~ policy {
            page = 4; pages[0] = pages[1] = 0
            for (i = 3; i <= NF; i++) {
                if ($i ~ /^N[01]=/) pages[substr($i, 2, 1)] = substr($i, 4)
                if ($i ~ /^kernelpagesize_kB=/) page = substr($i, 19)
            }
            for (node in pages) kib[node] += pages[node] * page
            if (page > largest) largest = page
        }
        END { print kib[0] + 0, kib[1] + 0, largest + 0 }' "/proc/$(process_of "$1")/numa_maps"
}

memory_is() {
    local seen
    seen=$(kib_on_nodes "$1" "$2")
    echo "$1, cell $2: $seen (KiB on node 0, on node 1, KiB of a page), expected $3"
    [[ $seen == "$3" ]]
}

# A device pins all of the guest's memory, so every page is allocated.
memory_on_planned_nodes() {
    grep -E ' bind' "/proc/$(process_of guest2)/numa_maps"
    memory_is guest2 0 "$((384 * 1024)) 0 4"
    memory_is guest2 1 "0 $((384 * 1024)) 4"
}

guest_is_up() {
    virsh domstate guest2 # otherwise the wait would be pointless
    eventually 600 guest_saw up
}

# The guest's kernel reserves some of each node's 384 MiB.
guest_has_two_nodes() {
    guest_saw '(cpus|node) '
    guest_saw 'cpus 4$'
    guest_saw 'node 0 cpus=0-1 memory_kib=(2[6-9]|3[0-9])[0-9]{4} distances=10 21'
    guest_saw 'node 1 cpus=2-3 memory_kib=(2[6-9]|3[0-9])[0-9]{4} distances=21 10'
    ! guest_saw 'node 2'
}

guest_gpus_on_their_nodes() {
    eventually 60 two_gpus
    guest_saw '\+ .* numa_node=0 memory_mib=16$'
    guest_saw '\+ .* numa_node=1 memory_mib=32$'
}
two_gpus() { (($(guest_saw '\+' | wc -l) == 2)); }

# Without an explicit address libvirt would use a port of the root bus, which is on no node.
gpu_comes_back_to_its_node() {
    gpupass detach guest2 "$gpu2" --live
    eventually 300 guest_saw '- .* memory_mib=32$'
    gpupass attach guest2 "$gpu2" --live
    eventually 300 back_on_node_1
}
back_on_node_1() { (($(guest_saw '\+ .* numa_node=1 memory_mib=32$' | wc -l) == 2)); }

stops() {
    virsh destroy "$1"
    virsh undefine "$1"
    gpupass release "$gpu" "$gpu2"
    same_state
}

starts_on_huge_pages() {
    echo 160 >$pool
    [[ $(cat $pool) == 160 ]]
    gpupass define huge --start --gpu "$gpu" --vcpus 2 --memory 256M --hugepages 2M --virt-type qemu \
        --firmware bios --base /share/base.xml
    memory_is huge 0 "$((256 * 1024)) 0 2048"
}

refuses_without_huge_pages() {
    echo 100 >$pool # the guest needs 128
    exits 3 gpupass define huge --start --gpu "$gpu" --vcpus 2 --memory 256M --hugepages 2M --virt-type qemu \
        --firmware bios --base /share/base.xml 2>&1 | tee /tmp/refusal
    grep -q 'node 0' /tmp/refusal
    grep -qw '28 more' /tmp/refusal
}

step "record the state before" remember_state
step "place: a GPU, two vCPUs and half of the memory on each node" plans
step "define --start with two GPUs" starts_guest
step "each vCPU's thread runs on its planned CPU" vcpus_pinned_as_planned
step "QEMU's other threads run on the planned emulator CPUs" emulator_pinned_as_planned
step "each cell's memory is on its node, to the last page" memory_on_planned_nodes
step "the guest is up" guest_is_up
step "the guest has four CPUs and half of its memory on each node, as far apart as the host's" guest_has_two_nodes
step "the guest sees each GPU on its node" guest_gpus_on_their_nodes
step "detached and attached again, the second GPU is on its node" gpu_comes_back_to_its_node
cp "$guest_console" /share/guest.console
step "stop it and release: the state is the state before" stops guest2
step "define --start on huge pages of node 0" starts_on_huge_pages
step "stop it and release: the state is the state before, again" stops huge
step "too few huge pages are refused: node 0 lacks 28" unchanged refuses_without_huge_pages
end
