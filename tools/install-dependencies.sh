#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs missing Debian packages for the build, and with --tests for the tests too. With --list it only prints the
# packages for the build.
set -eu
. "$(dirname "$0")/progress.sh"

build="g++ cmake ninja-build pkg-config libvirt-dev libboost-program-options-dev
       libfmt-dev nlohmann-json3-dev libpugixml-dev libdtl-dev libtomlplusplus-dev libyaml-cpp-dev pci.ids"
tests="libgtest-dev libgmock-dev libhwloc-dev python3 python3-jsonschema jq pciutils hwloc-nox libvirt-daemon-system libvirt-clients
       qemu-system-x86 qemu-utils ovmf libxml2-utils mmdebstrap e2fsprogs busybox-static cpio kmod make xz-utils bzip2 util-linux
       bsdutils strace man-db clang-format-19 clang-tidy-19 cppcheck clang-19 libclang-rt-19-dev llvm-19 ccache file virtinst
       abigail-tools doxygen mypy swtpm-tools ansible-core bash-completion zsh fish"

packages=$build
if [ "${1:-}" = --tests ]; then packages="$packages $tests"; fi
if [ "${1:-}" = --list ]; then
  # shellcheck disable=SC2086
  printf '%s\n' $packages
  exit 0
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "This script installs Debian's packages only:" >&2
  # shellcheck disable=SC2086
  printf '  %s\n' $packages >&2
  cat >&2 <<'END'
Please install their counterparts. For the build these should be, though nobody has tried them:
  dnf install gcc-c++ cmake ninja-build pkgconf libvirt-devel boost-devel fmt-devel json-devel
      pugixml-devel tomlplusplus-devel yaml-cpp-devel hwdata
  zypper install gcc-c++ cmake ninja pkgconf libvirt-devel libboost_program_options-devel
      fmt-devel nlohmann_json-devel pugixml-devel tomlplusplus-devel yaml-cpp-devel hwdata
  pacman -S gcc cmake ninja pkgconf libvirt boost fmt nlohmann-json pugixml tomlplusplus yaml-cpp hwdata
and dtl, whose headers (dtl/dtl.hpp) may be in no package: cmake -DDTL_INCLUDE_DIR=FOLDER names where they are.
END
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
log=$(mktemp)
trap 'rm -f "$log"' EXIT
progress "package lists" "$log" apt-get update -q
# shellcheck disable=SC2086
progress "packages" "$log" apt-get install -y -q --no-install-recommends $missing
