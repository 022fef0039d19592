#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every manual page has examples, every -h has one of them, and each example that begins with gpupass is run: on a
# captured host with a GPU at 65:00.0 and a guest guest1; where a capture does not have what it needs, as boot images
# or a journal, on a tree. What would change the machine is run with --dry-run.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
source_dir=$(realpath "$(dirname "$0")/../..")
: >"$work/out"
: >"$work/err"

# --- the machines
sed 's/0000:9a:/0000:65:/g' "$source_dir/examples/hosts/8gpu-2socket.host" >"$work/captured.host"
sed 's/0000:38:/0000:65:/g' "$source_dir/tests/field/xe-vfio-pci.host" >"$work/sliceable.host"
sed -e 's/0001:04:/0000:41:/g; s/^creatable_vgpu_types = \(ID .*\)/creatable_vgpu_types =\n| \1\n| 1145  : NVIDIA L40S-4Q/' \
    "$source_dir/tests/field/vgpu-vfs-of-vendor-vfio.host" >"$work/vgpus.host"
on_vfio 0000:65:00.0 <"$work/captured.host" >"$work/on-vfio.host"
exits 0 -q --root "$work/captured.host" xml guest1 --gpu 65:00.0
cp "$work/captured.host" "$work/with-guest.host"
{
    printf '[domain guest1]\nstate = persistent\nconfig =\n'
    sed 's/^/| /' "$work/out"
} >>"$work/with-guest.host"
make_function 0000:65:00.0 10de 2330 030200 nvidia 5
mkdir -p "$work/root"/{sys/class/iommu/dmar0,sys/bus/pci/drivers/vfio-pci,boot,var/lib/gpupass/journal}
mkdir -p "$work/root"/{usr/share/initramfs-tools/{hooks,scripts/init-top},usr/share/gpupass/boot,lib/modules/6.1.0-18-amd64}
touch "$work/root/boot/initrd.img-6.1.0-18-amd64" "$work/root/usr/share/initramfs-tools/hook-functions"
for name in subsystem_vendor=0x10de subsystem_device=0x16c1; do
    echo "${name#*=}" >"$work/root/sys/bus/pci/devices/0000:65:00.0/${name%=*}"
done
for path in initramfs-hook:hooks/gpupass bind-early.sh:scripts/init-top/gpupass entries.sh:../gpupass/boot/entries.sh; do
    cp "$source_dir/tools/boot/${path%:*}" "$work/root/usr/share/initramfs-tools/${path#*:}"
done

# --- the files that examples name, and the gpupass that they run
mkdir "$work/bin" "$work/here"
cp "$work/captured.host" "$work/here/a.host"
cp "$work/captured.host" "$work/here/b.host"
cp "$work/captured.host" "$work/here/server7.host"
cp "$source_dir/examples/requests.json" "$work/here"
printf '[gpus."65:00.0"]\nuse = "host"\n' >"$work/here/node.toml"
printf '#cloud-config\nssh_import_id: [gh:alice]\n' >"$work/here/alice.yaml"
printf 'version: v1\nmig-configs:\n  all-balanced:\n    - {devices: all, mig-enabled: true, mig-devices: {1g.10gb: 2, 2g.20gb: 1, 3g.40gb: 1}}\n' \
    >"$work/here/config.yaml"
printf 'version: v1\nvgpu-configs:\n  L40S-4Q:\n    - {devices: all, vgpu-devices: {L40S-4Q: 1}}\n' >"$work/here/vgpu.yaml"
sed 's/all-balanced/half/' "$work/here/config.yaml" >"$work/here/mig.yaml"
cat >"$work/bin/gpupass" <<END
#!/bin/bash
options=()
# A captured machine does not tell MIG: so much is said of it.
case " \$* " in *" slice "*" --mig"* | *" apply "*" --mig"*)
    said=\$("$gpupass" --root "$work/with-guest.host" --dry-run "\$@" 2>&1)
    [[ \$? == 3 && \$said == *"a captured machine does not tell it"* ]]
    exit ;;
esac
case " \$* " in
    *" --root "*) ;;
    *" boot "* | *" --persist "* | *" history "* | *" undo "* | *" recover "*) options+=(--root "$work/root") ;;
    *" slice "*41:00* | *" --vgpu-config "*) options+=(--root "$work/vgpus.host") ;;
    *" slice "*) options+=(--root "$work/sliceable.host") ;;
    *" handover "*) options+=(--root "$work/on-vfio.host") ;;
    *) options+=(--root "$work/with-guest.host") ;;
esac
case " \$* " in *" slice "* | *" bind "* | *" release "* | *" boot "* | *" define "* | *" attach "* | *" detach "* | *" run "* | *" give "* | *" take "* | *" undo "* | *" recover "* | *" apply "* | *" quarantine "* | *" handover "* | *" prepare "* | *" tune "* | *" hook "*) options+=(--dry-run) ;; esac
exec "$gpupass" "\${options[@]}" "\$@"
END
chmod +x "$work/bin/gpupass"

# examples PAGE: the commands of its EXAMPLES, one a line.
examples() {
    awk '/^\.Sh/ { within = /^\.Sh EXAMPLES/ } within && sub(/^\.Dl [#$] /, "")' "$1" | sed 's/\\(dq/"/g; s/\\e/\\/g'
}

count=0
for page in "$source_dir"/man/*.[578]; do
    examples "$page" >"$work/examples"
    [[ -s $work/examples ]] || fail "${page##*/} has no examples"
    while IFS= read -r line; do
        [[ $line == gpupass* ]] || continue
        (cd "$work/here" && PATH=$work/bin:$PATH bash -o pipefail -c "$line") >"$work/out" 2>"$work/err" </dev/null ||
            fail "an example of ${page##*/}: $line"
        ((++count))
    done <"$work/examples"
done
((count > 20)) || fail "only $count examples"

for verb in $("$gpupass" -h | awk '/^  [a-z]/ { print $1 }'); do
    example=$("$gpupass" "$verb" -h | sed -n 's/^Example: //p')
    [[ $example == "gpupass $verb"* ]] || fail "$verb -h has no example"
    examples "$source_dir/man/gpupass-$verb.8" | grep -qF -- "$example" || fail "gpupass-$verb.8 has not: $example"
done

finish
