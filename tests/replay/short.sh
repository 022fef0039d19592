#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# One machine of each shape, replayed, in less than three minutes: four nodes in each package, switches, two kinds of cores,
# a volume management device, several PCI domains, virtual functions.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export GPUPASS_REPLAY_KILLS="${GPUPASS_REPLAY_KILLS:-5}" GPUPASS_REPLAY_MACHINES=1
exec "$here/run.sh" "$here"/../../examples/hosts/hybrid-1gpu.host "$here"/../field/disk-behind-a-volume-device.host \
    "$here"/../field/altra-with-two-cards.host "$here"/../../examples/hosts/epyc-nps4-8gpu.host \
    "$here"/../field/two-dies-on-one-card.host "$here"/../field/xe-vfio-pci.host \
    groups read bind refuse kill
