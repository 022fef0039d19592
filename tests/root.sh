# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
# For roots.sh, package.sh and quickstart.sh: Debians of their own, in build/roots. `source_dir` is the folder of the sources.
roots=$source_dir/build/roots
PATH=$PATH:/usr/sbin:/sbin

die() { echo "$(basename "$0"): $*" >&2; exit 2; }
[[ $EUID == 0 ]] || die "it must run as root (mmdebstrap and chroot)"
command -v mmdebstrap >/dev/null || die "mmdebstrap is missing: apt-get install mmdebstrap"

# make_root SUITE PACKAGES [OPTION OF MMDEBSTRAP...]: sets `root` to the folder, and makes it if there is none yet.
make_root() {
    local suite=$1 packages=$2 mirror
    shift 2
    packages=$(tr -s ' \n' ',' <<<"$packages ")
    root=$roots/$suite-$(sha256sum <<<"$suite $packages $*" | cut -c1-12)
    [[ ! -d $root ]] || return 0
    mkdir -p "$roots"
    # The mirror and the download settings (a proxy, say) that this machine's apt uses for Debian.
    # shellcheck disable=SC2016  # apt-get's own variable
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Component: main' |
        grep -v security | sort -u | head -n 1)
    [[ $mirror ]] || die "this machine's apt knows no source of Debian"
    apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries|ForceIPv|Check-|Languages)' >"$roots/apt.conf" || true
    rm -rf "$root.new"
    mmdebstrap --mode=root --variant=apt --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
        --aptopt="$roots/apt.conf" --aptopt='APT::Install-Recommends "false"' "$@" --include="${packages%,}" \
        "$suite" "$root.new" "$mirror" >"$roots/$suite.log" 2>&1 ||
        { tail -n 20 "$roots/$suite.log" >&2; die "mmdebstrap failed for $suite"; }
    mkdir "$root.new/source" "$root.new/build" "$root.new/ccache"
    touch "$root.new/etc/resolv.conf"
    mv "$root.new" "$root"
}

# copy_sources FOLDER: without what was built.
copy_sources() {
    mkdir -p "$1"
    tar -C "$source_dir" --exclude=./build --exclude=./.git --exclude=__pycache__ -c . | tar -C "$1" -x
}

# in_root ROOT COMMANDS: runs them with a shell, in namespaces of its own, so that all mounts and processes end with it. The
# sources are mounted read-only at /source, so that what writes there fails.
in_root() {
    unshare --mount --pid --fork --kill-child bash -c '
        mount -t proc proc "$1/proc" && mount --rbind -o ro /sys "$1/sys" && mount --rbind /dev "$1/dev" &&
            mount --bind -o ro /etc/resolv.conf "$1/etc/resolv.conf" &&
            mount --bind -o ro "$2" "$1/source" && exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -euc "$3"' \
        - "$1" "$source_dir" "$2"
}
