/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPLAY_H
#define REPLAY_H

#include <linux/pci.h>
#include <linux/types.h>

#define CONFIG_SIZE 4096
#define BARS 6
#define ROM 6 /* The mask of the expansion ROM follows those of the BARs. */

#define FLAG_TRANSLATED 0x01 /* An IOMMU is in front of it: it belongs to a group. */
#define FLAG_VIRTUAL 0x02 /* A virtual function: there only while its physical function has it enabled. */

/*
 * The machine as machine.py writes it: a header, roots, then functions. All numbers are little-endian, and this is also
 * how they are used, as the module runs on x86 only.
 */
struct machine_header {
	char magic[8]; /* "replay 1" */
	u32 roots;
	u32 functions;
} __packed;

/* A root bus. In Intel's VMD it lies below a PCI function, whose requester id stands for all below it. */
struct machine_root {
	u32 domain;
	u32 owner_domain;
	u8 bus, last_bus;
	s8 node;
	u8 owned, owner_bus, owner_devfn;
	u8 pad[2];
} __packed;

struct machine_function {
	u32 domain;
	u8 bus, devfn, flags;
	s8 node;
	u16 vfs; /* Enabled when the machine was captured. */
	u16 pad;
	u32 bar_mask[BARS + 1]; /* The bits of each BAR that can be written. */
	u32 vf_bar_mask[BARS];
	char driver[32]; /* Of the captured machine. Empty: none. */
	u8 config[CONFIG_SIZE];
} __packed;

struct function {
	struct machine_function *of;
	u8 *config; /* Its registers as they are now. */
	u8 *writable; /* One bit for each that can be written. */
	u16 exp, af, sriov; /* Offsets of capabilities. 0: it has none. */
	bool visible; /* To who reads its ids; false for virtual functions that are off. */
	bool silent; /* It reads as ones, as one that fell off the bus. */
};

/* function.c */
int functions_add(struct machine_function *machine, u32 count);
struct function *function_at(u32 domain, u8 bus, u8 devfn);
struct function *function_named(const char *address);
void function_enable_vfs(struct function *pf, bool enabled);

/* config.c */
extern struct pci_ops config_ops;
void config_find_writable(struct function *function);

/* roots.c */
int roots_add(struct device *parent, const struct machine_root *roots, u32 count);
void roots_start(void);

/* iommu.c */
int iommu_add(struct device *parent);

/* drivers.c */
int drivers_add(const struct machine_function *machine, u32 count);
void drivers_settle(void);

static inline u16 get16(const u8 *at)
{
	return at[0] | at[1] << 8;
}

static inline u32 get32(const u8 *at)
{
	return get16(at) | (u32)get16(at + 2) << 16;
}

static inline void put16(u8 *at, u16 value)
{
	at[0] = value;
	at[1] = value >> 8;
}

#endif
