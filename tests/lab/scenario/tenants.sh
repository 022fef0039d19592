#!/bin/bash
# One GPU through twenty tenants: each starts its guest, a second one is refused meanwhile, and between two of them the GPU
# is reset, looked at and freed. One that does not come back stays in quarantine.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:41:00.0
export PATH=${PATH#/opt/gpupass:}
unset LD_LIBRARY_PATH

installs() {
    cp -a /share/install/. /
    ldconfig
    eventually 120 on_driver bochs-drm "$gpu"
    gpupass -y hook install
    systemctl restart libvirtd
    gpupass -y define tenant0 --gpu "$gpu" --vcpus 1 --memory 256M --virt-type qemu --firmware bios --base /share/base.xml
    gpupass -y bind "$gpu"
    virsh dumpxml --inactive tenant0 >/tmp/tenant.xml
    virsh undefine tenant0
}

define_tenant() { sed -e "s/tenant0/tenant$1/g" -e '/<uuid>/d' /tmp/tenant.xml >/tmp/one.xml && virsh define /tmp/one.xml; }

# One after the other; the next one in the queue is refused while this one runs.
twenty_tenants() {
    local tenant
    for tenant in $(seq 20); do
        define_tenant "$tenant"
        virsh start "tenant$tenant"
        on_driver vfio-pci "$gpu"
        sed -e "s/tenant0/other/g" -e '/<uuid>/d' /tmp/tenant.xml >/tmp/other.xml
        exits 1 virsh create /tmp/other.xml 2>&1 | tee /tmp/refusal
        grep -q "$gpu" /tmp/refusal
        exits 3 gpupass -y handover "$gpu" # It is in use.
        virsh destroy "tenant$tenant"
        virsh undefine "tenant$tenant"
        gpupass -y --json handover "$gpu" >/tmp/record.json
        jq -e '.machines[0] | .available and .stale_tenant_binding == false' /tmp/record.json
        ! gpupass list | grep quarantined
    done
    echo "20 tenants, 20 hand-overs, 20 second starts refused" | tee /tmp/note
    notes /tmp/note
    nothing_is_interrupted
}

# The record is what an auditor reads: never free while it was not proven.
the_record_is_whole() {
    jq . /tmp/record.json
    jq -e '.machines[0].transitions == ["in_use", "returned", "reset", "checked", "available"]' /tmp/record.json
}

goes_home() {
    gpupass -y release "$gpu"
    on_driver bochs-drm "$gpu"
}

step "install, and bind the GPU" installs
step "twenty tenants in turn, never two at once" twenty_tenants
step "the record tells the way of the GPU" the_record_is_whole
step "the GPU goes home" goes_home
end
