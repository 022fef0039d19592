// SPDX-License-Identifier: GPL-2.0-only
/* An IOMMU that translates nothing, but whose groups the kernel forms by its own rules. */
#include <linux/interrupt.h>
#include <linux/iommu.h>
#include <linux/irq.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "replay.h"

static struct iommu_device unit;

static int attach(struct iommu_domain *domain, struct device *device)
{
	return 0;
}

static void detach(struct iommu_domain *domain, struct device *device)
{
}

static void release_domain(struct iommu_domain *domain)
{
	kfree(domain);
}

static phys_addr_t to_physical(struct iommu_domain *domain, dma_addr_t address)
{
	return 0;
}

static int map(struct iommu_domain *domain, unsigned long address, phys_addr_t physical, size_t page, size_t count,
	       int protection, gfp_t flags, size_t *mapped)
{
	*mapped = page * count;
	return 0;
}

static size_t unmap(struct iommu_domain *domain, unsigned long address, size_t page, size_t count,
		    struct iommu_iotlb_gather *gather)
{
	return page * count;
}

static struct iommu_domain *make_domain(unsigned int type)
{
	struct iommu_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);

	if (domain) {
		domain->geometry.aperture_end = DMA_BIT_MASK(48);
		domain->geometry.force_aperture = true;
	}
	return domain;
}

static bool capable_of(struct device *device, enum iommu_cap capability)
{
	return capability == IOMMU_CAP_CACHE_COHERENCY || capability == IOMMU_CAP_INTR_REMAP;
}

static struct iommu_device *probe(struct device *device)
{
	struct pci_dev *pci = dev_is_pci(device) ? to_pci_dev(device) : NULL;
	struct function *function;

	if (!pci || pci->bus->ops != &config_ops)
		return ERR_PTR(-ENODEV);
	function = function_at(pci_domain_nr(pci->bus), pci->bus->number, pci->devfn);
	return function && function->of->flags & FLAG_TRANSLATED ? &unit : ERR_PTR(-ENODEV);
}

static int default_type(struct device *device)
{
	return IOMMU_DOMAIN_IDENTITY;
}

static const struct iommu_domain_ops domain_operations = {
	.attach_dev = attach,
	.detach_dev = detach,
	.map_pages = map,
	.unmap_pages = unmap,
	.iova_to_phys = to_physical,
	.free = release_domain,
};

static const struct iommu_ops operations = {
	.capable = capable_of,
	.domain_alloc = make_domain,
	.probe_device = probe,
	.device_group = pci_device_group,
	.def_domain_type = default_type,
	.pgsize_bitmap = SZ_4K | SZ_2M | SZ_1G,
	.owner = THIS_MODULE,
	.default_domain_ops = &domain_operations,
};

static void nothing(struct irq_data *data)
{
}

static irqreturn_t handle(int number, void *data)
{
	return IRQ_NONE;
}

static struct irq_chip chip = { .name = "IR-PCI-MSI", .irq_mask = nothing, .irq_unmask = nothing };

/* An interrupt that never comes: by the name of its chip, /proc/interrupts says that interrupts are remapped. */
static int show_remapping(void)
{
	int number = irq_alloc_desc(NUMA_NO_NODE);

	if (number < 0)
		return number;
	irq_set_chip_and_handler(number, &chip, handle_simple_irq);
	return request_irq(number, handle, 0, "replay", NULL);
}

int iommu_add(struct device *parent)
{
	int error = iommu_device_sysfs_add(&unit, parent, NULL, "replayed");

	if (!error)
		error = show_remapping();
	return error ? error : iommu_device_register(&unit, &operations, parent);
}
