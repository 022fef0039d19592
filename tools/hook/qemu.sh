#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# gpupass hook install has written this file: libvirt runs it for each guest, as NAME OPERATION SUB-OPERATION EXTRA, with
# the guest's definition on stdin. Only before a guest starts does its exit status matter, and its words reach whoever
# starts the guest. It must not ask libvirt, which waits for it.
case $2 in
  prepare | release) ;;
  *) exit 0 ;;
esac
definition=$(cat)
case $definition in
  *'<hostdev'*) ;;
  *) exit 0 ;;
esac
program=@gpupass@
[ -x "$program" ] || exit 0 # gpupass was removed: libvirt does what it would do without it.
printf '%s\n' "$definition" | timeout -k 5 @seconds@ "$program" __hook "$2" -- "$1"
status=$?
[ "$2" = prepare ] || exit 0
case $status in
  124 | 137)
    echo "gpupass: cannot prepare the GPUs of $1: it took more than @seconds@ s; gpupass recover, then try again" >&2
    exit 1
    ;;
esac
exit $status
