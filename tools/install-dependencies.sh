#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs missing Debian packages for the build, and with --tests for the tests too. With --list it only prints the
# packages for the build.
set -eu

build="g++ cmake ninja-build pkg-config libvirt-dev libhwloc-dev libmount-dev libboost-program-options-dev
       libfmt-dev nlohmann-json3-dev libpugixml-dev libdtl-dev libgtest-dev libgmock-dev pci.ids"
example="libvirt-daemon libvirt-clients"  # The in-process test driver and the schema of domains.
tests="python3 python3-jsonschema jq pciutils hwloc-nox libvirt-daemon-system qemu-system-x86 qemu-utils ovmf libxml2-utils mmdebstrap e2fsprogs
       busybox-static cpio kmod xz-utils bzip2 util-linux bsdutils strace man-db clang-format-19 clang-tidy-19 clang-19
       libclang-rt-19-dev llvm-19 ccache file
       virtinst swtpm-tools bash-completion zsh fish"

packages="$build $example"
if [ "${1:-}" = --tests ]; then packages="$packages $tests"; fi
if [ "${1:-}" = --list ]; then
  # shellcheck disable=SC2086
  printf '%s\n' $packages
  exit 0
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "This script knows Debian's packages only. Please install their counterparts by hand:" >&2
  # shellcheck disable=SC2086
  printf '  %s\n' $packages >&2
  exit 1
fi

missing=
for package in $packages; do
  case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true) in
    "install ok installed") ;;
    *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
  echo "Packages are missing, and only root can install them:" >&2
  echo "  apt-get install$missing" >&2
  exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null
