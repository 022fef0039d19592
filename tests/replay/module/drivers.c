// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stand-ins for the drivers of the captured machine, under their names. Each takes the functions that its namesake had,
 * and any function with the same ids, which it would take, too.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "replay.h"

static int probe_error;
module_param(probe_error, int, 0644);
MODULE_PARM_DESC(probe_error, "the error number with which probe() fails; 0: it succeeds");

static bool hang;
module_param(hang, bool, 0644);
MODULE_PARM_DESC(hang, "remove() does not return while this is set");

static bool settled;

/* While the machine is set up, a function gets the driver that it was captured with, or none. */
static int probe(struct pci_dev *device, const struct pci_device_id *id)
{
	struct function *function = function_at(pci_domain_nr(device->bus), device->bus->number, device->devfn);

	if (!settled && function && strcmp(function->of->driver, device->dev.driver->name))
		return -ENODEV;
	return -probe_error;
}

static void remove(struct pci_dev *device)
{
	while (READ_ONCE(hang))
		schedule_timeout_uninterruptible(HZ / 10);
}

static struct pci_driver *make(const char *name, const struct machine_function *machine, u32 count)
{
	struct pci_driver *driver = kzalloc(sizeof(*driver), GFP_KERNEL);
	struct pci_device_id *ids = kcalloc(count + 1, sizeof(*ids), GFP_KERNEL), *id = ids;
	u32 i;

	if (!driver || !ids)
		return NULL;
	for (i = 0; i < count; i++) {
		const u8 *config = machine[i].config;

		if (strcmp(machine[i].driver, name))
			continue;
		id->vendor = get16(config + PCI_VENDOR_ID);
		id->device = get16(config + PCI_DEVICE_ID);
		id->subvendor = id->subdevice = PCI_ANY_ID;
		id++;
	}
	driver->name = name;
	driver->id_table = ids;
	driver->probe = probe;
	driver->remove = remove;
	driver->sriov_configure = pci_sriov_configure_simple;
	return driver;
}

/* A driver that this kernel has itself needs no stand-in. */
int drivers_add(const struct machine_function *machine, u32 count)
{
	u32 i, j;

	for (i = 0; i < count; i++) {
		const char *name = machine[i].driver;
		struct pci_driver *driver;
		int error;

		for (j = 0; j < i && strcmp(machine[j].driver, name); j++)
			;
		if (!*name || j < i || driver_find(name, &pci_bus_type))
			continue;
		driver = make(name, machine, count);
		error = driver ? pci_register_driver(driver) : -ENOMEM;
		if (error)
			return error;
	}
	return 0;
}

void drivers_settle(void)
{
	settled = true;
}
