#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An installation below a prefix works from there, for an ordinary user, and writes nowhere else; `uninstall` leaves
# nothing of it: install.sh BUILD_DIR
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home
prefix=$HOME/.local
unset DESTDIR GPUPASS_ROOT PKG_CONFIG_PATH CMAKE_PREFIX_PATH XDG_DATA_HOME XDG_DATA_DIRS MANPATH

fail() { echo "FAILED: $*"; exit 1; }

# as_user COMMAND...: without root's rights, also where root runs the tests.
as_user() { "$@"; }
if [[ $EUID == 0 ]]; then
    as_user() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
    chmod 755 "$work"
    chown 65534:65534 "$work"
    as_user test -r "$build/cmake_install.cmake" || { echo "skipped: an ordinary user cannot read $build"; exit 77; }
fi
# CMake lists in the build folder what it installs.
lists_of_the_user() {
    touch "$build"/install_{manifest,folders}.txt
    [[ $EUID != 0 ]] || chown 65534:65534 "$build"/install_{manifest,folders}.txt
}
lists_of_the_user
install() {
    as_user "$@" cmake --install "$build" --prefix "$prefix" >"$work/log" || { cat "$work/log"; fail "cmake --install"; }
}
as_user mkdir -p "$prefix/share/man" # is kept, because it was there before
find "$HOME" | sort >"$work/before"

# Every file that CMake opens for writing, creates or renames is below the prefix.
changes=open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat
install strace -f -qq -y -e trace=$changes -o "$work/trace"
elsewhere=$(grep -E 'O_(WRONLY|RDWR|CREAT)|^[0-9]+ +(creat|mkdir|rename|link|symlink|unlink)' "$work/trace" |
    grep -v ' = -1 ' | grep -vE "\"${prefix}[/\"]|install_(manifest|folders)\.txt|\"/dev/(null|tty)\"" || true)
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
    [[ $program == "$prefix/bin/"* && -x $program ]] || fail "$(basename "$unit") starts $program"
done

# have PROGRAM: whether what follows can be tried here.
have() { command -v "$1" >/dev/null || { echo "not tried, because $1 is missing"; false; }; }

# A user who has the program in the search path has its manual and its completions as well.
with_path() { as_user env PATH="$prefix/bin:$PATH" "$@"; }
if have man; then
    for page in "$source_dir"/man/*; do
        page=${page##*/}
        with_path man -w "${page##*.}" "${page%.*}" >"$work/log" 2>&1 || { cat "$work/log"; fail "man ${page##*.} ${page%.*}"; }
    done
fi
if [[ -e /usr/share/bash-completion/bash_completion ]]; then
    # shellcheck disable=SC2016
    with_path bash -c '. /usr/share/bash-completion/bash_completion
        loader=$(complete -p -D | sed "s/.* -F \([^ ]*\).*/\1/")
        $loader gpupass || [[ $? == 124 ]]; complete -p gpupass' >"$work/log" 2>&1 || { cat "$work/log"; fail "completion of bash"; }
fi
if have fish; then
    [[ $(with_path fish -c 'complete -C "gpupass sho"') == show* ]] || fail "completion of fish"
fi
if have zsh; then # It has no folder of a user's own: the user names it.
    # shellcheck disable=SC2016
    [[ $(with_path zsh -fc 'fpath=($1 $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[gpupass]' \
        zsh "$prefix/share/zsh/site-functions") == _gpupass ]] || fail "completion of zsh"
fi

# `uninstall` leaves what was there before, also after a second installation over the first.
rm -rf "$HOME"/.[a-km-z]* # what the shells wrote
install
cmake --build "$build" --target uninstall >"$work/log" 2>&1 || { cat "$work/log"; fail "uninstall"; }
find "$HOME" | sort | diff "$work/before" - || fail "uninstall leaves something, or takes too much"
cmake --build "$build" --target uninstall >"$work/log" 2>&1 && fail "uninstall of nothing"
# A package is staged in a folder of its own.
export DESTDIR=$work/stage
lists_of_the_user
install
[[ -x $DESTDIR$prefix/bin/gpupass ]] || fail "DESTDIR"
cmake --build "$build" --target uninstall >"$work/log" 2>&1 || { cat "$work/log"; fail "uninstall with DESTDIR"; }
[[ ! -e $DESTDIR ]] || fail "uninstall with DESTDIR leaves something"
unset DESTDIR
lists_of_the_user
install

# The program finds its library, wherever the prefix is moved.
moved=$work/moved
as_user mv "$prefix" "$moved"
for host in "$source_dir"/examples/hosts/*.host; do
    as_user "$moved/bin/gpupass" --root "$host" list >"$work/list" 2>"$work/log" || fail "list of $host"
    [[ $(wc -l <"$work/list") -gt 1 ]] || fail "list of $host says nothing"
done
host=$source_dir/examples/hosts/8gpu-2socket.host
as_user "$moved/bin/gpupass" --root "$host" place --gpu 9a:00.0 --vcpus 8 --memory 64G >"$work/place" 2>"$work/log" || fail "place"
grep -q '^GPU  *9a:00.0' "$work/place" || fail "place: $(cat "$work/place")"

lib=$(dirname "$(find "$moved" -name libgpupass.so)")
# The worker asks libvirt. The library finds it from its own place.
as_user "$moved/bin/gpupass" --root "$host" -c test:///default define --gpu 9a:00.0 --vcpus 8 --memory 64G demo \
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
find_package(gpupass 99.0 QUIET)
if(gpupass_FOUND)
  message(FATAL_ERROR "gpupass says that it is version 99.0")
endif()
find_package(gpupass 0.1 REQUIRED)
add_executable(free_gpus free_gpus.cpp)
target_link_libraries(free_gpus PRIVATE gpupass::gpupass)
END
cp "$source_dir/examples/free_gpus.cpp" "$work/user/"
[[ $EUID != 0 ]] || chown -R 65534:65534 "$work/user"
as_user cmake -G Ninja -S "$work/user" -B "$work/user/build" -DCMAKE_PREFIX_PATH="$moved" >"$work/log" 2>&1 &&
    as_user cmake --build "$work/user/build" >>"$work/log" 2>&1 || { cat "$work/log"; fail "find_package"; }
as_user env -u LD_LIBRARY_PATH "$work/user/build/free_gpus" "$host" | grep -q '^0000:9a:00.0 node 1$' || fail "what find_package builds"

# The packages have the version of the library.
version=$(pkg-config --modversion gpupass)
[[ $(sed -n '1s/.*(\(.*\)).*/\1/p' "$source_dir/debian/changelog") == "$version" ]] || fail "debian/changelog is not of $version"
[[ $(sed -n 's/^Version: *//p' "$source_dir/packaging/gpupass.spec") == "$version" ]] || fail "gpupass.spec is not of $version"
echo "all as expected"
