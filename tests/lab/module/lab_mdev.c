// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver that makes mediated devices of any PCI function: small displays with 1 MiB of memory, and nothing on them.
 * It takes no function by itself: driver_override names it. A function has room for four small slices; a large one
 * takes the room of two.
 */
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/vmalloc.h>

#define ROOM 4u
#define MEMORY_BYTES 0x100000u
#define CONFIG_BYTES 256u
#define MEMORY_OFFSET 0x100000u /* In the file of the device; its configuration space is at 0. */

static const struct {
	const char *name;
	const char *words;
	unsigned int room;
} kinds[] = { { "small", "Lab Slice-1", 1 }, { "large", "Lab Slice-2", 2 } };

/* A function that was given to this driver. */
struct lab_parent {
	struct mdev_parent parent;
	struct mdev_type types[ARRAY_SIZE(kinds)];
	struct mdev_type *list[ARRAY_SIZE(kinds)];
	struct mutex lock;
	unsigned int used;
};

struct lab_slice {
	struct vfio_device vdev;
	u8 config[CONFIG_BYTES];
	u8 *memory;
};

static struct lab_parent *parent_of(struct mdev_type *type)
{
	return container_of(type->parent, struct lab_parent, parent);
}

static unsigned int room_of(struct mdev_type *type)
{
	return kinds[type - parent_of(type)->types].room;
}

/* --- one slice, as a guest has it --- */

static struct lab_slice *slice_of(struct vfio_device *vdev)
{
	return container_of(vdev, struct lab_slice, vdev);
}

static void put(struct lab_slice *slice, unsigned int at, u32 value, unsigned int bytes)
{
	while (bytes-- > 0) {
		slice->config[at++] = value;
		value >>= 8;
	}
}

static int lab_slice_init(struct vfio_device *vdev)
{
	struct lab_slice *slice = slice_of(vdev);

	slice->memory = vzalloc(MEMORY_BYTES);
	if (!slice->memory)
		return -ENOMEM;
	put(slice, PCI_VENDOR_ID, 0x1234, 2);
	put(slice, PCI_DEVICE_ID, 0x6d64, 2);
	put(slice, PCI_CLASS_DEVICE, PCI_CLASS_DISPLAY_OTHER, 2);
	put(slice, PCI_BASE_ADDRESS_0, PCI_BASE_ADDRESS_SPACE_MEMORY, 4);
	return 0;
}

static void lab_slice_release(struct vfio_device *vdev)
{
	vfree(slice_of(vdev)->memory);
	vfio_free_device(vdev);
}

/* All but the size of the memory can be written: so the guest finds that size, and sets its address. */
static void write_config(struct lab_slice *slice, loff_t at, const u8 *bytes, size_t count)
{
	u32 base;

	if (at == PCI_COMMAND && count == 2)
		put(slice, at, (bytes[0] | bytes[1] << 8) & (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER), 2);
	if (at != PCI_BASE_ADDRESS_0 || count != 4)
		return;
	memcpy(&base, bytes, sizeof(base));
	put(slice, at, (base & ~(MEMORY_BYTES - 1)) | PCI_BASE_ADDRESS_SPACE_MEMORY, 4);
}

static u8 *place_of(struct lab_slice *slice, loff_t at, size_t count)
{
	if (at >= 0 && at + count <= CONFIG_BYTES)
		return slice->config + at;
	if (at >= MEMORY_OFFSET && at + count <= MEMORY_OFFSET + MEMORY_BYTES)
		return slice->memory + (at - MEMORY_OFFSET);
	return NULL;
}

static ssize_t lab_slice_read(struct vfio_device *vdev, char __user *buffer, size_t count, loff_t *at)
{
	const u8 *place = place_of(slice_of(vdev), *at, count);

	if (!place || copy_to_user(buffer, place, count))
		return -EFAULT;
	*at += count;
	return count;
}

static ssize_t lab_slice_write(struct vfio_device *vdev, const char __user *buffer, size_t count, loff_t *at)
{
	u8 bytes[8];

	if (count > sizeof(bytes) || !place_of(slice_of(vdev), *at, count) || copy_from_user(bytes, buffer, count))
		return -EFAULT;
	if (*at < CONFIG_BYTES)
		write_config(slice_of(vdev), *at, bytes, count);
	else
		memcpy(place_of(slice_of(vdev), *at, count), bytes, count);
	*at += count;
	return count;
}

static void describe_region(struct vfio_region_info *info)
{
	info->size = info->offset = info->flags = 0;
	if (info->index != VFIO_PCI_CONFIG_REGION_INDEX && info->index != VFIO_PCI_BAR0_REGION_INDEX)
		return;
	info->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	info->size = info->index == VFIO_PCI_CONFIG_REGION_INDEX ? CONFIG_BYTES : MEMORY_BYTES;
	info->offset = info->index == VFIO_PCI_CONFIG_REGION_INDEX ? 0 : MEMORY_OFFSET;
}

static long lab_slice_ioctl(struct vfio_device *vdev, unsigned int command, unsigned long argument)
{
	void __user *user = (void __user *)argument;
	union {
		struct vfio_device_info device;
		struct vfio_region_info region;
		struct vfio_irq_info irq;
	} info = {};
	size_t bytes;

	switch (command) {
	case VFIO_DEVICE_GET_INFO:
		bytes = offsetofend(struct vfio_device_info, num_irqs);
		break;
	case VFIO_DEVICE_GET_REGION_INFO:
		bytes = offsetofend(struct vfio_region_info, offset);
		break;
	case VFIO_DEVICE_GET_IRQ_INFO:
		bytes = offsetofend(struct vfio_irq_info, count);
		break;
	case VFIO_DEVICE_RESET:
		return 0;
	default:
		return -ENOTTY;
	}
	if (copy_from_user(&info, user, bytes))
		return -EFAULT;
	if (info.device.argsz < bytes) /* The first member of all three. */
		return -EINVAL;
	if (command == VFIO_DEVICE_GET_INFO) {
		info.device.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
		info.device.num_regions = VFIO_PCI_NUM_REGIONS;
		info.device.num_irqs = VFIO_PCI_NUM_IRQS;
	} else if (command == VFIO_DEVICE_GET_REGION_INFO) {
		if (info.region.index >= VFIO_PCI_NUM_REGIONS)
			return -EINVAL;
		describe_region(&info.region);
	} else {
		if (info.irq.index >= VFIO_PCI_NUM_IRQS)
			return -EINVAL;
		info.irq.count = 0;
	}
	return copy_to_user(user, &info, bytes) ? -EFAULT : 0;
}

static const struct vfio_device_ops slice_ops = {
	.name = KBUILD_MODNAME,
	.init = lab_slice_init,
	.release = lab_slice_release,
	.read = lab_slice_read,
	.write = lab_slice_write,
	.ioctl = lab_slice_ioctl,
};

/* --- slices of a function, come and go --- */

static int take_room(struct mdev_type *type)
{
	struct lab_parent *parent = parent_of(type);
	int error = 0;

	mutex_lock(&parent->lock);
	if (parent->used + room_of(type) > ROOM)
		error = -ENOSPC;
	else
		parent->used += room_of(type);
	mutex_unlock(&parent->lock);
	return error;
}

static void give_room(struct mdev_type *type)
{
	mutex_lock(&parent_of(type)->lock);
	parent_of(type)->used -= room_of(type);
	mutex_unlock(&parent_of(type)->lock);
}

static int lab_mdev_probe(struct mdev_device *device)
{
	struct lab_slice *slice;
	int error = take_room(device->type);

	if (error)
		return error;
	slice = vfio_alloc_device(lab_slice, vdev, &device->dev, &slice_ops);
	if (IS_ERR(slice)) {
		give_room(device->type);
		return PTR_ERR(slice);
	}
	error = vfio_register_emulated_iommu_dev(&slice->vdev);
	if (error) {
		vfio_put_device(&slice->vdev);
		give_room(device->type);
		return error;
	}
	dev_set_drvdata(&device->dev, slice);
	return 0;
}

static void lab_mdev_remove(struct mdev_device *device)
{
	struct lab_slice *slice = dev_get_drvdata(&device->dev);

	vfio_unregister_group_dev(&slice->vdev); /* Waits for who has it open. */
	vfio_put_device(&slice->vdev);
	give_room(device->type);
}

static unsigned int lab_mdev_available(struct mdev_type *type)
{
	return (ROOM - READ_ONCE(parent_of(type)->used)) / room_of(type);
}

static struct mdev_driver lab_mdev_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.driver = {
		.name = KBUILD_MODNAME,
		.owner = THIS_MODULE,
	},
	.probe = lab_mdev_probe,
	.remove = lab_mdev_remove,
	.get_available = lab_mdev_available,
};

/* --- the functions --- */

static int lab_parent_probe(struct pci_dev *function, const struct pci_device_id *id)
{
	struct lab_parent *parent = devm_kzalloc(&function->dev, sizeof(*parent), GFP_KERNEL);
	unsigned int i;

	if (!parent)
		return -ENOMEM;
	mutex_init(&parent->lock);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		parent->types[i].sysfs_name = kinds[i].name;
		parent->types[i].pretty_name = kinds[i].words;
		parent->list[i] = &parent->types[i];
	}
	pci_set_drvdata(function, parent);
	return mdev_register_parent(&parent->parent, &function->dev, &lab_mdev_driver, parent->list,
				    ARRAY_SIZE(kinds));
}

static void lab_parent_remove(struct pci_dev *function)
{
	struct lab_parent *parent = pci_get_drvdata(function);

	mdev_unregister_parent(&parent->parent);
}

static struct pci_driver lab_parent_driver = {
	.name = KBUILD_MODNAME,
	.probe = lab_parent_probe,
	.remove = lab_parent_remove,
};

static int __init lab_mdev_start(void)
{
	int error = mdev_register_driver(&lab_mdev_driver);

	if (error)
		return error;
	error = pci_register_driver(&lab_parent_driver);
	if (error)
		mdev_unregister_driver(&lab_mdev_driver);
	return error;
}

static void __exit lab_mdev_end(void)
{
	pci_unregister_driver(&lab_parent_driver);
	mdev_unregister_driver(&lab_mdev_driver);
}

module_init(lab_mdev_start);
module_exit(lab_mdev_end);

MODULE_DESCRIPTION("A driver that makes mediated devices of PCI functions, for the lab of gpupass");
MODULE_LICENSE("GPL");
