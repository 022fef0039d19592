# What the kernel made of the machine, for judge.py: its groups, and what gpupass says of them.
# shellcheck shell=sh
output state sysfs state
output nodes sh -c 'cd /sys/bus/pci/devices && grep . */numa_node'
output groups gpupass -q groups --json
