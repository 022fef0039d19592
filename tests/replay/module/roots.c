// SPDX-License-Identifier: GPL-2.0-only
/* Root buses. All of them share three windows: the kernel gives each BAR a place there. */
#include <linux/ioport.h>
#include <linux/slab.h>

#include "replay.h"

static struct resource windows[] = {
	{ .name = "replayed", .flags = IORESOURCE_MEM | IORESOURCE_MEM_64,
	  .start = 0x10000000000, .end = 0x3effffffffff },
	{ .name = "replayed", .flags = IORESOURCE_MEM, .start = 0x80000000, .end = 0xfe9fffff },
	{ .name = "replayed", .flags = IORESOURCE_IO, .start = 0x1000, .end = 0xffff },
};

/*
 * Some root ports of Intel isolate without the capability, and the kernel knows their ids. The firmware's part of that is
 * done (pci_quirk_enable_intel_pch_acs() of drivers/pci/quirks.c); the kernel looks at the flag of no other device.
 */
static int on_bus_event(struct notifier_block *block, unsigned long event, void *device)
{
	struct pci_dev *pci = to_pci_dev(device);

	if (event == BUS_NOTIFY_ADD_DEVICE && pci->bus->ops == &config_ops)
		pci->dev_flags |= PCI_DEV_FLAGS_ACS_ENABLED_QUIRK;
	return NOTIFY_DONE;
}

/* Before the notifier with which the kernel puts devices into groups. */
static struct notifier_block notifier = { .notifier_call = on_bus_event, .priority = 1 };

static struct pci_bus *add_root(struct device *parent, const struct machine_root *root)
{
	struct pci_host_bridge *bridge = pci_alloc_host_bridge(0);
	struct pci_sysdata *data = kzalloc(sizeof(*data), GFP_KERNEL);
	struct resource *range = kzalloc(sizeof(*range), GFP_KERNEL);
	struct pci_dev *owner = NULL;
	int i;

	if (!bridge || !data || !range)
		return NULL;
	if (root->owned)
		owner = pci_get_domain_bus_and_slot(root->owner_domain, root->owner_bus, root->owner_devfn);
	data->domain = root->domain;
	data->node = root->node >= 0 && node_online(root->node) ? root->node : NUMA_NO_NODE;
	data->vmd_dev = owner;
	range->name = "replayed";
	range->start = root->bus;
	range->end = root->last_bus;
	range->flags = IORESOURCE_BUS;
	pci_add_resource(&bridge->windows, range);
	for (i = 0; i < ARRAY_SIZE(windows); i++)
		pci_add_resource(&bridge->windows, &windows[i]);
	bridge->dev.parent = owner ? &owner->dev : parent;
	bridge->sysdata = data;
	bridge->busnr = root->bus;
	bridge->ops = &config_ops;
	/* No event of a port ever arrives: the kernel must not wait for one. */
	bridge->native_pcie_hotplug = 0;
	bridge->native_shpc_hotplug = 0;
	bridge->native_aer = 0;
	bridge->native_pme = 0;
	bridge->native_dpc = 0;
	return pci_scan_root_bus_bridge(bridge) ? NULL : bridge->bus;
}

static int place(struct pci_dev *device, void *data)
{
	struct function *function = function_at(pci_domain_nr(device->bus), device->bus->number, device->devfn);

	if (function && function->of->node >= 0 && node_online(function->of->node))
		set_dev_node(&device->dev, function->of->node);
	return 0;
}

static struct pci_bus **buses;
static u32 bus_count;

int roots_add(struct device *parent, const struct machine_root *roots, u32 count)
{
	u32 i;

	insert_resource(&iomem_resource, &windows[0]);
	insert_resource(&iomem_resource, &windows[1]);
	insert_resource(&ioport_resource, &windows[2]);
	buses = kcalloc(count, sizeof(*buses), GFP_KERNEL);
	if (!buses)
		return -ENOMEM;
	bus_register_notifier(&pci_bus_type, &notifier);
	pci_lock_rescan_remove();
	for (i = 0; i < count; i++) {
		struct pci_bus *bus = add_root(parent, &roots[i]);

		if (!bus) {
			pr_warn("replay: root bus %04x:%02x was not made\n", roots[i].domain, roots[i].bus);
			continue;
		}
		pci_assign_unassigned_bus_resources(bus);
		pci_walk_bus(bus, place, NULL);
		buses[bus_count++] = bus;
	}
	pci_unlock_rescan_remove();
	return 0;
}

/* Drivers come last, as at a boot: first all functions are found, then the IOMMU puts them into groups. */
void roots_start(void)
{
	u32 i;

	pci_lock_rescan_remove();
	for (i = 0; i < bus_count; i++)
		pci_bus_add_devices(buses[i]);
	pci_unlock_rescan_remove();
}
