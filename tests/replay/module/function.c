// SPDX-License-Identifier: GPL-2.0-only
/* The functions of the machine, by address. Virtual functions that no capture had are made when they are enabled. */
#include <linux/slab.h>
#include <linux/xarray.h>

#include "replay.h"

static DEFINE_XARRAY(functions);

static unsigned long key(u32 domain, u8 bus, u8 devfn)
{
	return (unsigned long)domain << 16 | bus << 8 | devfn;
}

struct function *function_at(u32 domain, u8 bus, u8 devfn)
{
	return xa_load(&functions, key(domain, bus, devfn));
}

struct function *function_named(const char *address)
{
	unsigned int domain, bus, slot, number;

	if (sscanf(address, "%x:%x:%x.%x", &domain, &bus, &slot, &number) != 4)
		return NULL;
	return function_at(domain, bus, PCI_DEVFN(slot, number));
}

static int add(struct machine_function *of, u8 *config)
{
	struct function *function = kzalloc(sizeof(*function), GFP_KERNEL);

	if (!function)
		return -ENOMEM;
	function->of = of;
	function->config = config;
	function->visible = !(of->flags & FLAG_VIRTUAL);
	function->writable = kzalloc(CONFIG_SIZE, GFP_KERNEL);
	if (!function->writable)
		return -ENOMEM;
	config_find_writable(function);
	return xa_err(xa_store(&functions, key(of->domain, of->bus, of->devfn), function, GFP_KERNEL));
}

int functions_add(struct machine_function *machine, u32 count)
{
	int error = 0;
	u32 i;

	for (i = 0; i < count && !error; i++)
		error = add(&machine[i], machine[i].config);
	return error;
}

/* What a virtual function shows by itself: no ids, a PCI Express capability with FLR. */
static void make_vf(const struct function *pf, u32 domain, u16 routing_id)
{
	struct machine_function *vf = kvzalloc(sizeof(*vf), GFP_KERNEL);
	u8 *config;

	if (!vf)
		return;
	config = vf->config;
	vf->domain = domain;
	vf->bus = routing_id >> 8;
	vf->devfn = routing_id;
	vf->flags = FLAG_VIRTUAL | (pf->of->flags & FLAG_TRANSLATED);
	vf->node = pf->of->node;
	memset(config, 0xff, 4);
	put16(config + PCI_STATUS, PCI_STATUS_CAP_LIST);
	memcpy(config + PCI_CLASS_REVISION, pf->config + PCI_CLASS_REVISION, 4);
	config[PCI_CAPABILITY_LIST] = 0x40;
	config[0x40] = PCI_CAP_ID_EXP;
	put16(config + 0x42, 2);
	config[0x40 + PCI_EXP_DEVCAP + 3] = PCI_EXP_DEVCAP_FLR >> 24;
	add(vf, config);
}

void function_enable_vfs(struct function *pf, bool enabled)
{
	const u8 *sriov = pf->config + pf->sriov;
	u16 id = pf->of->bus << 8 | pf->of->devfn, i;

	for (i = 0; i < get16(sriov + PCI_SRIOV_NUM_VF); i++) {
		u16 at = id + get16(sriov + PCI_SRIOV_VF_OFFSET) + i * get16(sriov + PCI_SRIOV_VF_STRIDE);
		struct function *vf = function_at(pf->of->domain, at >> 8, at);

		if (!vf && enabled)
			make_vf(pf, pf->of->domain, at);
		vf = function_at(pf->of->domain, at >> 8, at);
		if (vf)
			vf->visible = enabled;
	}
}
