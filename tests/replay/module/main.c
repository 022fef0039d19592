// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts the PCI functions of captured machines before the running kernel, with their configuration spaces and buses. The
 * machine is the firmware file replay.machine, which machine.py writes.
 */
#include <linux/firmware.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/vmalloc.h>

#include "replay.h"

static const char magic[8] = "replay 1";

/* The parts of the file, which stay in memory. */
static struct machine_header *header;
static struct machine_root *roots;
static struct machine_function *functions;

static int load(struct device *device)
{
	const struct firmware *file;
	int error = request_firmware(&file, "replay.machine", device);

	if (error)
		return error;
	header = vmalloc(file->size);
	if (header)
		memcpy(header, file->data, file->size);
	roots = (struct machine_root *)(header + 1);
	functions = (struct machine_function *)(roots + (header ? header->roots : 0));
	if (!header)
		error = -ENOMEM;
	else if (memcmp(header->magic, magic, sizeof(magic)) ||
		 (u8 *)(functions + header->functions) != (u8 *)header + file->size)
		error = -EINVAL;
	release_firmware(file);
	return error;
}

static void enable_vfs(void)
{
	u32 i;

	for (i = 0; i < header->functions; i++) {
		const struct machine_function *of = &functions[i];
		struct pci_dev *device = of->vfs ? pci_get_domain_bus_and_slot(of->domain, of->bus, of->devfn) : NULL;

		if (device && pci_enable_sriov(device, of->vfs))
			pci_warn(device, "replay: its virtual functions were not enabled\n");
		pci_dev_put(device);
	}
}

static int __init replay_init(void)
{
	struct platform_device *parent = platform_device_register_simple("replay", -1, NULL, 0);
	int error;

	if (IS_ERR(parent))
		return PTR_ERR(parent);
	error = load(&parent->dev);
	if (!error)
		error = functions_add(functions, header->functions);
	if (!error)
		error = drivers_add(functions, header->functions);
	if (!error)
		error = roots_add(&parent->dev, roots, header->roots);
	if (!error)
		error = iommu_add(&parent->dev);
	if (error)
		return error;
	roots_start();
	enable_vfs();
	drivers_settle();
	return 0;
}
module_init(replay_init);

MODULE_DESCRIPTION("A captured machine's PCI functions, for the tests of gpupass");
MODULE_LICENSE("GPL");
