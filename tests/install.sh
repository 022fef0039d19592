#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An installation below a prefix works from there, for an ordinary user, and writes nowhere else: install.sh BUILD_DIR
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
unset DESTDIR GPUPASS_ROOT PKG_CONFIG_PATH CMAKE_PREFIX_PATH

fail() { echo "FAILED: $*"; exit 1; }

# as_user COMMAND...: without root's rights, also where root runs the tests.
as_user() { "$@"; }
if [[ $EUID == 0 ]]; then
    as_user() { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work" "$@"; }
    chmod 755 "$work"
    chown 65534:65534 "$work"
    # CMake lists in the build folder what it installs.
    touch "$build/install_manifest.txt"
    chown 65534:65534 "$build/install_manifest.txt"
    as_user test -r "$build/cmake_install.cmake" || { echo "skipped: an ordinary user cannot read $build"; exit 77; }
fi

# Every file that CMake opens for writing, creates or renames is below the prefix.
changes=open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat
as_user strace -f -qq -y -e trace=$changes -o "$work/trace" cmake --install "$build" --prefix "$prefix" >"$work/log" ||
    { cat "$work/log"; fail "cmake --install"; }
elsewhere=$(grep -E 'O_(WRONLY|RDWR|CREAT)|^[0-9]+ +(creat|mkdir|rename|link|symlink|unlink)' "$work/trace" |
    grep -v ' = -1 ' | grep -vE "\"$prefix[/\"]|install_manifest\.txt|\"/dev/(null|tty)\"" || true)
[[ ! $elsewhere ]] || fail "written outside the prefix:"$'\n'"$elsewhere"
while read -r file; do
    [[ $file == "$prefix"/* ]] || fail "installed outside the prefix: $file"
done <"$build/install_manifest.txt"

# The hooks are in folders as the host has them, to be copied to /usr; the units name the installed program.
(cd "$prefix/share/gpupass/boot" && find . -type f | sort) >"$work/parts"
diff - "$work/parts" <<'END' || fail "the parts of boot images"
./usr/lib/dracut/modules.d/90gpupass/gpupass.sh
./usr/lib/dracut/modules.d/90gpupass/module-setup.sh
./usr/share/gpupass/boot/entries.sh
./usr/share/initramfs-tools/hooks/gpupass
./usr/share/initramfs-tools/scripts/init-top/gpupass
END
for unit in "$prefix"/lib/systemd/system/*.service; do
    program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$unit")
    [[ $program == "$prefix/"* && -x $program ]] || fail "$(basename "$unit") starts $program"
done

# The program finds its library, wherever the prefix is moved.
moved=$work/moved
as_user mv "$prefix" "$moved"
for host in "$source_dir"/examples/hosts/*.host; do
    as_user "$moved/sbin/gpupass" --root "$host" list >"$work/list" 2>"$work/log" || fail "list of $host"
    [[ $(wc -l <"$work/list") -gt 1 ]] || fail "list of $host says nothing"
done
host=$source_dir/examples/hosts/8gpu-2socket.host
as_user "$moved/sbin/gpupass" --root "$host" place --gpu 9a:00.0 --vcpus 8 --memory 64G >"$work/place" 2>"$work/log" || fail "place"
grep -q '^GPU  *0000:9a:00.0' "$work/place" || fail "place: $(cat "$work/place")"

lib=$(dirname "$(find "$moved" -name libgpupass.so)")
# The worker asks libvirt. The library finds it from its own place.
as_user "$moved/sbin/gpupass" --root "$host" -c test:///default define --gpu 9a:00.0 --vcpus 8 --memory 64G demo \
    >"$work/log" 2>&1 || { cat "$work/log"; fail "define, which needs the worker"; }

# Another program is built with pkg-config, and by find_package.
pc=$(find "$moved" -name gpupass.pc)
export PKG_CONFIG_PATH=${pc%/*} LD_LIBRARY_PATH=$lib
# shellcheck disable=SC2046
as_user g++ -std=c++20 -O0 "$source_dir/examples/free_gpus.cpp" -o "$work/free_gpus" $(pkg-config --cflags --libs gpupass) ||
    fail "compile with pkg-config"
as_user "$work/free_gpus" "$host" | grep -q '^0000:9a:00.0 node 1$' || fail "what pkg-config builds"
mkdir "$work/user"
cat >"$work/user/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES CXX)
find_package(gpupass 0.1 REQUIRED)
add_executable(free_gpus free_gpus.cpp)
target_link_libraries(free_gpus PRIVATE gpupass::gpupass)
END
cp "$source_dir/examples/free_gpus.cpp" "$work/user/"
[[ $EUID != 0 ]] || chown -R 65534:65534 "$work/user"
as_user cmake -G Ninja -S "$work/user" -B "$work/user/build" -DCMAKE_PREFIX_PATH="$moved" >"$work/log" 2>&1 &&
    as_user cmake --build "$work/user/build" >>"$work/log" 2>&1 || { cat "$work/log"; fail "find_package"; }
as_user "$work/user/build/free_gpus" "$host" | grep -q '^0000:9a:00.0 node 1$' || fail "what find_package builds"
echo "all as expected"
