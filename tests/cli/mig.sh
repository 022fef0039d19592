#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# slices --fit and --mig-config: on an example host with eight H100 80GB.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
host=$(dirname "$0")/../../examples/hosts/8gpu-2socket.host
mig() { exits "$1" --root "$host" slices "${@:2}"; }

# --- wrong use
mig 2 --have 3g.40gb:4
prints err 'saw no --fit'
mig 2 --label a
prints err 'saw no --mig-config'
mig 2 --fit 3g.40gb --mig-config /dev/null
prints err 'cannot use --fit beside --mig-config'
mig 2 9a:00.0 --mig-config /dev/null
mig 2 9a:00.0 --fit 3g.40gb,,1g.10gb
mig 2 9a:00.0 --fit ''
mig 2 9a:00.0 --fit 3g.40gb --have 3g.40gb
prints err 'as 3g.71gb:4'
mig 2 9a:00.0 --fit 3g.40gb --have 3g.40gb:-4
mig 2 --fit 3g.40gb --have 3g.40gb:4
prints err 'saw 8 GPUs, expected one'

# --- the large goes where the small have room
mig 0 9a:00.0 --fit 1g.10gb,1g.10gb --fit 1g.10gb,3g.40gb
prints out '^9a:00.0 +H100 80GB +3g.40gb +9 +4:4 +new$'
prints out '^9a:00.0: room for 1 more 1g.10gb\+me, 1 more 1g.10gb$'
prints out '^9a:00.0: nvidia-smi mig -i 0000:9a:00.0 -cgi (19:[0-3],){3}9:4 -C$'
mig 0 9a:00.0 --fit none
prints out '7 more 1g.10gb$'
mig 0 --fit 7g.80gb
[[ $(grep -c ' 0:8  *new$' "$work/out") == 8 ]] || fail "not all eight GPUs"

# --- what there is stays in its place
mig 0 9a:00.0 --have 3g.40gb:0,2g.20gb:4 --fit 3g.40gb,1g.10gb,1g.10gb
prints out '3g.40gb +9 +0:4 +stays$'
prints out '2g.20gb +14 +4:2 +goes$'
prints out '1 to 2 more 1g.10gb'
prints out 'first destroy the instances that go'
mig 0 9a:00.0 --have 3g.40gb:4 --fit 3g.40gb
! grep -q nvidia-smi "$work/out" || fail "a command where nothing is to be made"

# --- what does not fit
mig 3 9a:00.0 --fit 4g.40gb,3g.40gb,1g.10gb
prints err 'H100 80GB has no place for all of 4g.40gb, 3g.40gb, 1g.10gb'
prints err 'without 4g.40gb, or without 3g.40gb, or without 1g.10gb'
mig 3 9a:00.0 --fit 3g.71gb
prints err 'H100 80GB has no profile 3g.71gb'
mig 3 02:00.0 --fit 3g.40gb
prints err 'no MIG profiles of 1a03:2000 are known'
mig 3 --json 9a:00.0 --fit 3g.71gb
prints out '"slice.mig"'

# --- mig-parted's file: the last entry that matches decides, and indexes count NVIDIA's GPUs alone
cat >"$work/config.yaml" <<END
version: v1
mig-configs:
  mixed:
    - devices: all
      mig-enabled: true
      mig-devices: {"1g.10gb": 7}
    - devices: [0]
      mig-enabled: false
    - device-filter: ["0x233010DE"]
      devices: [7]
      mig-enabled: true
      mig-devices: {"3g.40gb": 1, "2g.20gb": 1, "1g.10gb": 2}
  other-card:
    - devices: [1]
      mig-enabled: true
      mig-devices: {"1g.18gb": 1}
END
mig 2 --mig-config "$work/config.yaml"
prints err '^ *mixed$'
mig 0 --mig-config "$work/config.yaml" --label mixed
prints out '^19:00.0 +H100 80GB +no MIG'
prints out '^19:00.0: nvidia-smi -i 0000:19:00.0 -mig 0$'
prints out '^1a:00.0: nvidia-smi mig -i 0000:1a:00.0 -cgi (19:[0-6],?){7} -C$'
prints out '^d4:00.0 +H100 80GB +3g.40gb +9 +4:4 +new$'
mig 3 --mig-config "$work/config.yaml" --label other-card
prints err 'other-card \(.*config.yaml:14\): H100 80GB has no profile 1g.18gb'
mig 1 --mig-config "$work/config.yaml" --label none
prints err 'mixed'
sed -i 's/mig-devices: {"1g.18gb/mig-device: {"1g.18gb/' "$work/config.yaml"
mig 1 --mig-config "$work/config.yaml" --label mixed
prints err 'config.yaml:16:7: saw the unknown key "mig-device" of an entry, expected mig-devices'
mig 1 --mig-config "$work/nothing.yaml"

finish
