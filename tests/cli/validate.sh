#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# validate: a guest with two GPUs of an example host. Its agent is a stand-in ($GPUPASS_AGENT_DOUBLE is its folder), which
# passes on what gpupass's own script prints for a tree of sysfs that is made here.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
source_dir=$(realpath "$(dirname "$0")/../..")
example=$source_dir/examples/hosts/8gpu-2socket.host
: >"$work/out"
: >"$work/err"

# --- the guest's definition: GPU 19:00.0 of node 0 on its cell 0, and 9a:00.0 of node 1 on its cell 1
port() { echo "<address type='pci' domain='0x0000' bus='$1' slot='$2' function='0x0'/>"; }
gpu() {
    echo "<hostdev mode='subsystem' type='pci' managed='no'>
      <source><address domain='0x0000' bus='$1' slot='0x00' function='0x0'/></source>$(port "$2" 0x00)</hostdev>"
}
expander() {
    echo "<controller type='pci' index='$1' model='pcie-expander-bus'><target busNr='$2'><node>$3</node></target>$(port 0x00 "$1")</controller>"
}
cat >"$work/vm.xml" <<END
<domain type='test'>
  <name>vm</name><memory unit='GiB'>2</memory><vcpu>8</vcpu>
  <numatune><memnode cellid='0' mode='strict' nodeset='0'/><memnode cellid='1' mode='strict' nodeset='1'/></numatune>
  <os><type>hvm</type></os>
  <cpu><numa><cell id='0' cpus='0-3' memory='1' unit='GiB'/><cell id='1' cpus='4-7' memory='1' unit='GiB'/></numa></cpu>
  <devices>
    <controller type='pci' index='0' model='pcie-root'/>
    $(expander 1 128 0)$(expander 2 192 1)
    <controller type='pci' index='3' model='pcie-root-port'>$(port 0x01 0x00)</controller>
    <controller type='pci' index='4' model='pcie-root-port'>$(port 0x02 0x00)</controller>
    $(gpu 0x19 0x03)$(gpu 0x9a 0x04)
  </devices>
</domain>
END
cat >"$work/node.xml" <<END
<node><domain file='$work/vm.xml'/></node>
END

# --- the guest's sysfs
guest=$work/guest
function_at() { # PATH CLASS VENDOR DEVICE NODE DRIVER
    local folder=$guest/sys/devices/$1 address=${1##*/}
    mkdir -p "$folder" "$guest/sys/bus/pci/devices"
    ln -s "../../../devices/$1" "$guest/sys/bus/pci/devices/$address"
    echo "$2" >"$folder/class"
    echo "$3" >"$folder/vendor"
    echo "$4" >"$folder/device"
    echo "$5" >"$folder/numa_node"
    echo "32.0 GT/s PCIe" | tee "$folder/current_link_speed" >"$folder/max_link_speed"
    echo 16 | tee "$folder/current_link_width" >"$folder/max_link_width"
    ln -s "../../../bus/pci/drivers/$6" "$folder/driver"
    for row in 0x0000014000000000:0x0000014000ffffff 0:0 0x0000010000000000:0x0000011fffffffff 0:0 \
        0x0000014004000000:0x0000014005ffffff 0:0 0:0; do
        if [[ $row == 0:0 ]]; then row=0x0000000000000000:0x0000000000000000 flags=0x0000000000000000; else flags=0x000000000014220c; fi
        echo "${row/:/ } $flags"
    done >"$folder/resource"
}
function_at pci0000:80/0000:80:00.0 0x060400 0x1b36 0x000c 0 pcieport
function_at pci0000:80/0000:80:00.0/0000:81:00.0 0x030200 0x10de 0x2330 0 nvidia
function_at pci0000:c0/0000:c0:00.0 0x060400 0x1b36 0x000c 1 pcieport
function_at pci0000:c0/0000:c0:00.0/0000:c1:00.0 0x030200 0x10de 0x2330 1 nvidia
for node in 0 1; do
    mkdir -p "$guest/sys/devices/system/node/node$node"
    echo "$((4 * node))-$((4 * node + 3))" >"$guest/sys/devices/system/node/node$node/cpulist"
done

# The script as the guest would run it, for the tree above: once with each shell that there is.
sed -n '/kListMachine = R"sh(/,/^)sh";$/p' "$source_dir/libgpupass/probe/guest/scripts.hpp" |
    sed -e '1s/.*R"sh(//' -e '$d' -e "s|/sys/|$guest/sys/|g" >"$work/script"
agent=$work/agent
mkdir "$agent"
list() { "$@" "$work/script" 2>"$work/err" | sed "s|$guest||g"; }
list sh >"$agent/listing"
for shell in bash dash "busybox sh"; do
    command -v "${shell%% *}" >/dev/null || continue
    # shellcheck disable=SC2086
    list $shell | cmp -s - "$agent/listing" || fail "$shell lists something else than sh"
done
[[ $(tail -n 1 "$agent/listing") == '[+end]' ]] || fail "the listing has no end"
# The kernel's own files are not like those of a tree: a shell that reads byte by byte gets nothing out of some.
node=/sys/devices/system/node/node0
if [[ -e $node/cpulist ]]; then
    sed "s|$guest/sys/|/sys/|g" "$work/script" >"$work/own"
    for shell in sh bash dash "busybox sh"; do
        command -v "${shell%% *}" >/dev/null || continue
        # shellcheck disable=SC2086
        $shell "$work/own" >"$work/listing" 2>"$work/err"
        grep -A 1 "^\[$node\]" "$work/listing" | grep -qx "cpulist = $(cat $node/cpulist)" || fail "$shell does not list the CPUs of node 0"
    done
fi
cp "$agent/listing" "$work/guest.host"
exits 0 --root "$work/guest.host" list
prints out '^81:00.0 .*nvidia .*Gen5 x16'
prints out '^c1:00.0 .*nvidia .*Gen5 x16'

# --- no agent: a capture, and a guest without one
exits 0 --root "$example" -c "test://$work/node.xml" validate vm
prints out 'unknown .*0000:19:00.0'
prints out 'vm tells nothing of itself: .*\[guest.agent\]'
! grep -q '^fail' "$work/out" || fail "a guest that tells nothing fails"
exits 1 --root "$example" -c "test://$work/node.xml" validate nobody
exits 0 --root "$example" validate vm # Of the capture, and off.
prints out 'virsh start vm'
exits 2 --root "$example" validate
exits 2 --root "$example" -c "test://$work/node.xml" validate vm --record -
exits 1 --root "$example" -c "test://$work/node.xml" validate vm --record "$work/none.json"
prints err 'vm tells nothing of itself: .'
exits 2 --root "$example" -c "test://$work/node.xml" validate vm --timeout 0
prints err '--timeout: .*1'
[[ ! -e $work/none.json ]] || fail "a guest that tells nothing was recorded"

[[ -e ${GPUPASS_AGENT_DOUBLE:-}/libvirt-qemu.so.0 ]] || { echo "skipped: no stand-in for the agent"; finish; exit; }
export LD_LIBRARY_PATH=$GPUPASS_AGENT_DOUBLE${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} GUEST_AGENT=$agent
vm=(--root "$example" -c "test://$work/node.xml")
echo '{"return":{"supported_commands":[{"name":"guest-exec","enabled":true},{"name":"guest-exec-status","enabled":true}]}}' \
    >"$agent/guest-info"
echo '{"return":{"id":"debian","pretty-name":"Debian GNU/Linux 12 (bookworm)"}}' >"$agent/guest-get-osinfo"
printf '00000000:81:00.0, 550.54.15\n00000000:C1:00.0, 550.54.15\n' >"$agent/nvidia-smi"
: >"$agent/dmesg"

# --- a healthy guest
exits 0 "${vm[@]}" validate vm
prints out '^pass +19:00.0 .*5 checks'
prints out '0 warn, 0 fail, 0 unknown'
exits 0 "${vm[@]}" validate vm -v
prints out 'pass +nvidia 550.54.15 has 0000:19:00.0 in the guest \[guest.driver\]'
exits 0 "${vm[@]}" validate vm --json
jq -e '.domain == "vm" and (.gpus | map(.guest_address)) == ["0000:81:00.0", "0000:c1:00.0"] and .gpus[1].numa_node == 1
    and .summary.pass == 13' "$work/out" >/dev/null || fail "the JSON says something else"

# --- what is wrong is told, and fails
broken() { sed "$1" "$work/guest.host" >"$agent/listing"; }
broken '/^\[.*0000:81:00.0\]/,/^\[/ s/^current_link_width = 16/current_link_width = 8/'
exits 3 "${vm[@]}" validate vm
prints out '^fail +the link of 0000:19:00.0 has 8 lanes in the guest, and 16 on the host \[guest.link\]'
broken '/^\[.*0000:c1:00.0\]/,/^\[/ s/^driver .*/driver -/'
exits 3 "${vm[@]}" validate vm
prints out '^fail +no driver of the guest has 0000:9a:00.0 \[guest.driver\]'
broken '/0000:c1:00.0 ->/d; /^\[.*0000:c1:00.0\]/,/^\[.*node\]/ { /node\]/!d }'
exits 3 "${vm[@]}" validate vm
prints out '^fail +the guest does not see 0000:9a:00.0 at c0:00.0/00.0: no 10de:2330 is left \[guest.gpu\]'
broken 's/^numa_node = 1/numa_node = 0/'
exits 3 "${vm[@]}" validate vm
prints out '^fail +0000:9a:00.0 is on node 0 of the guest, expected node 1'
printf 'NVRM: Xid (PCI:0000:81:00): 79, \033[31mGPU has fallen off the bus.\n' >"$agent/dmesg"
broken ''
exits 0 "${vm[@]}" validate vm
prints out '^warn .*Xid \(PCI:0000:81:00\): 79, \\x1B\[31mGPU'
: >"$agent/dmesg"

# --- hostile replies
head -c 100000 /dev/urandom >"$agent/listing"
exits 0 "${vm[@]}" validate vm
prints out '^unknown '
! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$work/out" || fail "raw characters of the guest"
yes '{"return":' | tr -d '\n' | head -c 3000000 >"$agent/guest-info"
exits 0 "${vm[@]}" validate vm
prints out 'vm tells nothing of itself: .*expected at most 1048576'
echo '{"return":{"supported_commands":[{"name":"guest-exec","enabled":false}]}}' >"$agent/guest-info"
exits 0 "${vm[@]}" validate vm
prints out 'may not run programs'
prints out 'BLOCK_RPCS'
echo '{"return":{"supported_commands":[{"name":"guest-exec","enabled":true},{"name":"guest-exec-status","enabled":true}]}}' \
    >"$agent/guest-info"
broken ''

# --- bandwidth, and a baseline
exits 0 "${vm[@]}" validate vm --measure
prints out 'unknown .*\[guest.bandwidth\]'
prints out 'install nvbandwidth'
measured() {
    echo "{\"nvbandwidth\":{\"testcases\":[
        {\"name\":\"host_to_device_memcpy_ce\",\"status\":\"Passed\",\"bandwidth_matrix\":[[\"$1\",\"55\"]]},
        {\"name\":\"device_to_host_memcpy_ce\",\"status\":\"Passed\",\"bandwidth_matrix\":[[\"50\",\"50\"]]}]}}" >"$agent/nvbandwidth"
}
measured 55
exits 0 "${vm[@]}" -q validate vm --measure --record "$work/vm.json"
jq -e '.format == 1 and .baseline.domain == "vm" and .baseline.gpus[0].to_gpu_gb_s == 55' "$work/vm.json" >/dev/null ||
    fail "the baseline has something else"
exits 0 "${vm[@]}" validate vm --measure --baseline "$work/vm.json" -v
prints out 'vm is as its baseline \[guest.baseline\]'
prints out '100 % of the baseline'
measured 50
exits 0 "${vm[@]}" validate vm --measure --baseline "$work/vm.json"
prints out '^warn .*91 % of the baseline \[guest.bandwidth\]'
measured 40
exits 3 "${vm[@]}" validate vm --measure --baseline "$work/vm.json"
prints out '^fail .*73 % of the baseline \[guest.bandwidth\]'
printf '00000000:81:00.0, 560.1\n00000000:C1:00.0, 560.1\n' >"$agent/nvidia-smi"
exits 0 "${vm[@]}" validate vm --baseline "$work/vm.json"
prints out '^warn .*has the driver 560.1, and had 550.54.15'
exits 1 "${vm[@]}" validate vm --baseline "$agent/nvidia-smi"
finish
