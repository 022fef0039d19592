// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What runs in a guest, in /bin/sh of POSIX. No other text ever becomes a part of it, and it writes nothing.
namespace gpupass {

/// What sysfs shows of PCI functions and NUMA nodes, in the form of a capture: gpupass-host(5). The number of
/// its processes does not grow with its functions: they cost much where the guest is emulated. `ls` prints
/// the links of a function after it.
inline constexpr const char* kListMachine = R"sh(exec 2>/dev/null
attribute() { if read -r value <"$1"; then echo "$1 = $value"; else echo "$1 -"; fi; }
links() { LC_ALL=C ls -ld "$@" | sed -n 's/.* \([^ ]*\) -> /\1 -> /p'; }
list() {
    echo 'gpupass host 1'
    echo '[+capture]'
    echo '[/sys/bus/pci/devices]'
    cd /sys/bus/pci/devices || return
    links *
    links * */driver */physfn | while read -r name arrow target; do
        case $name in */*) echo "${name#*/} -> $target" && continue ;; esac
        cd "/sys/bus/pci/devices/$name" || continue
        echo "[/sys/bus/pci/devices/$name] ..."
        for file in class vendor device numa_node current_link_speed current_link_width max_link_speed \
            max_link_width; do attribute "$file"; done
        echo 'resource ='
        while read -r row; do echo "| $row"; done <resource
        for file in driver physfn; do [ -L "$file" ] || echo "$file -"; done
    done
    echo '[/sys/devices/system/node]'
    for node in /sys/devices/system/node/node[0-9]*; do
        if [ -d "$node" ]; then echo "${node##*/} ?"; fi
    done
    for node in /sys/devices/system/node/node[0-9]*; do
        cd "$node" || continue
        echo "[$node] ..."
        # A shell reads byte by byte, which the kernel answers with nothing here.
        if [ -e cpulist ]; then echo "cpulist = $(cat cpulist)"; else echo 'cpulist -'; fi
    done
    echo '[+end]'
}
list | head -c 700000
)sh";

/// The rows that nvidia_gpus() reads.
inline constexpr const char* kListNvidiaGpus = R"sh(PATH="$PATH:/usr/local/bin:/usr/bin:/bin"
command -v nvidia-smi >/dev/null || exit 127
exec nvidia-smi --query-gpu=pci.bus_id,driver_version --format=csv,noheader
)sh";

/// The last lines of the kernel's log that tell of trouble with GPUs.
inline constexpr const char* kListErrors = R"sh(log=$(dmesg 2>/dev/null) || exit 1
printf '%s\n' "$log" |
    grep -E 'NVRM: Xid|fallen off the bus|PCIe Bus Error|AER: .*[Ee]rror|BAR [0-9]+.*(no space|failed to assign)' |
    tail -n 20 | cut -c 1-200
exit 0
)sh";

/// What measured_bandwidths() reads. The GPUs have the order of their addresses, as those of nvidia-smi have.
inline constexpr const char* kMeasureBandwidth = R"sh(PATH="$PATH:/usr/local/bin:/usr/bin:/bin"
command -v nvbandwidth >/dev/null || exit 127
CUDA_DEVICE_ORDER=PCI_BUS_ID exec nvbandwidth -j -t host_to_device_memcpy_ce device_to_host_memcpy_ce
)sh";

}  // namespace gpupass
