// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host driver that misbehaves when it is told to. It takes no device by itself: driver_override names it.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sched.h>

static int probe_error;
module_param(probe_error, int, 0644);
MODULE_PARM_DESC(probe_error, "the error number with which probe() fails; 0: it succeeds");

static bool hang;
module_param(hang, bool, 0644);
MODULE_PARM_DESC(hang, "remove() never returns, and nothing ends the process that waits for it");

static int lab_gpu_probe(struct pci_dev *device, const struct pci_device_id *id)
{
	return -probe_error;
}

static void lab_gpu_remove(struct pci_dev *device)
{
	while (READ_ONCE(hang)) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
	}
}

static struct pci_driver lab_gpu = {
	.name = KBUILD_MODNAME,
	.probe = lab_gpu_probe,
	.remove = lab_gpu_remove,
};
module_pci_driver(lab_gpu);

MODULE_DESCRIPTION("A host driver that misbehaves, for the lab of gpupass");
MODULE_LICENSE("GPL");
