// SPDX-License-Identifier: GPL-2.0-only
/* Configuration space: what can be written, and what a write does. */
#include "replay.h"

static void allow(struct function *f, int at, u32 mask, int size)
{
	int i;

	for (i = 0; i < size && at + i < CONFIG_SIZE; i++)
		f->writable[at + i] |= mask >> (8 * i);
}

static void allow_header(struct function *f)
{
	bool bridge = (f->config[PCI_HEADER_TYPE] & 0x7f) == PCI_HEADER_TYPE_BRIDGE;
	int i;

	allow(f, PCI_COMMAND, 0x0547, 2);
	allow(f, PCI_CACHE_LINE_SIZE, 0xffff, 2);
	allow(f, PCI_INTERRUPT_LINE, 0xff, 1);
	for (i = 0; i < (bridge ? 2 : BARS); i++)
		allow(f, PCI_BASE_ADDRESS_0 + 4 * i, f->of->bar_mask[i], 4);
	if (!bridge) {
		allow(f, PCI_ROM_ADDRESS, f->of->bar_mask[ROM], 4);
		return;
	}
	allow(f, PCI_PRIMARY_BUS, 0xffffffff, 4);
	allow(f, PCI_IO_BASE, 0xf0f0, 2);
	allow(f, PCI_MEMORY_BASE, 0xfff0fff0, 4);
	allow(f, PCI_PREF_MEMORY_BASE, 0xfff0fff0, 4);
	allow(f, PCI_PREF_BASE_UPPER32, 0xffffffff, 4);
	allow(f, PCI_PREF_LIMIT_UPPER32, 0xffffffff, 4);
	allow(f, PCI_IO_BASE_UPPER16, 0xffffffff, 4);
	allow(f, PCI_BRIDGE_CONTROL, 0x005f, 2);
}

static void allow_capability(struct function *f, int at)
{
	switch (f->config[at]) {
	case PCI_CAP_ID_PM:
		allow(f, at + PCI_PM_CTRL, 0x0103, 2);
		break;
	case PCI_CAP_ID_MSI:
		allow(f, at + PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE, 2);
		allow(f, at + PCI_MSI_ADDRESS_LO, 0xfffffffc, 4);
		allow(f, at + PCI_MSI_ADDRESS_HI, 0xffffffff, 4);
		allow(f, at + PCI_MSI_DATA_64, 0xffff, 2);
		break;
	case PCI_CAP_ID_MSIX:
		allow(f, at + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL, 2);
		break;
	case PCI_CAP_ID_EXP:
		f->exp = at;
		allow(f, at + PCI_EXP_DEVCTL, 0xffff & ~PCI_EXP_DEVCTL_BCR_FLR, 2);
		allow(f, at + PCI_EXP_LNKCTL, 0xffff & ~PCI_EXP_LNKCTL_RL, 2);
		allow(f, at + PCI_EXP_SLTCTL, 0xffff, 2);
		allow(f, at + PCI_EXP_RTCTL, 0xffff, 2);
		allow(f, at + PCI_EXP_DEVCTL2, 0xffff, 2);
		allow(f, at + PCI_EXP_LNKCTL2, 0xffff, 2);
		break;
	case PCI_CAP_ID_AF:
		f->af = at;
		break;
	}
}

static void allow_extended(struct function *f, int at, u16 id)
{
	int i;

	switch (id) {
	case PCI_EXT_CAP_ID_ERR:
		allow(f, at + PCI_ERR_UNCOR_MASK, 0xffffffff, 4);
		allow(f, at + PCI_ERR_UNCOR_SEVER, 0xffffffff, 4);
		allow(f, at + PCI_ERR_COR_MASK, 0xffffffff, 4);
		break;
	case PCI_EXT_CAP_ID_ACS:
		allow(f, at + PCI_ACS_CTRL, get16(f->config + at + PCI_ACS_CAP) & 0x7f, 2);
		break;
	case PCI_EXT_CAP_ID_ATS:
		allow(f, at + PCI_ATS_CTRL, 0x801f, 2);
		break;
	case PCI_EXT_CAP_ID_SRIOV:
		f->sriov = at;
		allow(f, at + PCI_SRIOV_CTRL, 0x1f, 2);
		allow(f, at + PCI_SRIOV_NUM_VF, 0xffff, 2);
		allow(f, at + PCI_SRIOV_SYS_PGSIZE, 0xffffffff, 4);
		for (i = 0; i < BARS; i++)
			allow(f, at + PCI_SRIOV_BAR + 4 * i, f->of->vf_bar_mask[i], 4);
		break;
	}
}

void config_find_writable(struct function *f)
{
	int at, left;

	allow_header(f);
	if (!(get16(f->config + PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return;
	at = f->config[PCI_CAPABILITY_LIST] & ~3;
	for (left = 48; at >= 0x40 && left; left--, at = f->config[at + 1] & ~3)
		allow_capability(f, at);
	at = 0x100;
	for (left = 960; at >= 0x100 && left && f->exp; left--) {
		u32 head = get32(f->config + at);

		if (head == 0 || head == 0xffffffff)
			break;
		allow_extended(f, at, head);
		at = head >> 20 & ~3;
	}
}

/* Each register that can be written is zero afterwards; ACS stays, as nothing in this kernel would set it again. */
static void reset_function(struct function *f)
{
	int i;

	for (i = 0; i < (f->exp ? 0x100 : CONFIG_SIZE); i++)
		f->config[i] &= ~f->writable[i];
}

static void reset_below(u32 domain, u8 bus, u8 last)
{
	unsigned int at, devfn;

	for (at = bus; bus && at <= last; at++)
		for (devfn = 0; devfn < 256; devfn++) {
			struct function *f = function_at(domain, at, devfn);

			if (f && (f->config[PCI_HEADER_TYPE] & 0x7f) == PCI_HEADER_TYPE_NORMAL)
				reset_function(f);
		}
}

static int config_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *value)
{
	struct function *f = function_at(pci_domain_nr(bus), bus->number, devfn);
	int i;

	*value = ~0U >> (32 - 8 * size);
	if (!f || !f->visible || f->silent || where + size > CONFIG_SIZE)
		return PCIBIOS_DEVICE_NOT_FOUND;
	if ((f->of->flags & FLAG_VIRTUAL) && where < 4)
		return PCIBIOS_SUCCESSFUL; /* A virtual function answers a scan with ones. */
	*value = 0;
	for (i = 0; i < size; i++)
		*value |= (u32)f->config[where + i] << (8 * i);
	return PCIBIOS_SUCCESSFUL;
}

static bool sets(int where, int size, u32 value, int byte, u8 bit)
{
	return byte >= where && byte < where + size && (value >> (8 * (byte - where)) & bit);
}

static int config_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 value)
{
	struct function *f = function_at(pci_domain_nr(bus), bus->number, devfn);
	bool bridge, had_vfs;
	int i;

	if (!f || !f->visible || f->silent || where + size > CONFIG_SIZE)
		return PCIBIOS_DEVICE_NOT_FOUND;
	had_vfs = f->sriov && f->config[f->sriov + PCI_SRIOV_CTRL] & PCI_SRIOV_CTRL_VFE;
	for (i = 0; i < size; i++) {
		u8 mask = f->writable[where + i];

		f->config[where + i] = (f->config[where + i] & ~mask) | (value >> (8 * i) & mask);
	}
	bridge = (f->config[PCI_HEADER_TYPE] & 0x7f) == PCI_HEADER_TYPE_BRIDGE;
	if (bridge && sets(where, size, value, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_BUS_RESET))
		reset_below(f->of->domain, f->config[PCI_SECONDARY_BUS], f->config[PCI_SUBORDINATE_BUS]);
	if (f->exp && get32(f->config + f->exp + PCI_EXP_DEVCAP) & PCI_EXP_DEVCAP_FLR &&
	    sets(where, size, value, f->exp + PCI_EXP_DEVCTL + 1, PCI_EXP_DEVCTL_BCR_FLR >> 8))
		reset_function(f);
	if (f->af && sets(where, size, value, f->af + PCI_AF_CTRL, PCI_AF_CTRL_FLR))
		reset_function(f);
	if (f->sriov) {
		bool has_vfs = f->config[f->sriov + PCI_SRIOV_CTRL] & PCI_SRIOV_CTRL_VFE;

		if (has_vfs != had_vfs)
			function_enable_vfs(f, has_vfs);
	}
	return PCIBIOS_SUCCESSFUL;
}

struct pci_ops config_ops = { .read = config_read, .write = config_write };
