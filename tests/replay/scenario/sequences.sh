# Performs the writes of /machine/sequences, which sequences.py made.
# shellcheck shell=sh
output sequences sh -c 'sysfs play </machine/sequences'
