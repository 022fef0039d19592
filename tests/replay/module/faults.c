// SPDX-License-Identifier: GPL-2.0-only
/* What a test lets happen: a function no longer answers, or answers again. */
#include <linux/module.h>

#include "replay.h"

static int set_silent(const char *value, const struct kernel_param *parameter)
{
	struct function *function = function_named(value);

	if (!function)
		return -ENODEV;
	function->silent = parameter->arg == NULL;
	return 0;
}

static const struct kernel_param_ops silence = { .set = set_silent };
static bool again = true;

module_param_cb(silence, &silence, NULL, 0200);
MODULE_PARM_DESC(silence, "the function with this address reads as ones from now on");
module_param_cb(answer, &silence, &again, 0200);
MODULE_PARM_DESC(answer, "the function with this address answers again");
