// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/* Leaves a pinned table behind, with entries that a program made: for the tests of other languages. */
#include "program.h"

int main(int argc, char **argv)
{
	struct program program;
	__u32 count;

	if (argc != 4)
		tap_bail("usage: fill SHAPE COUNT PATH");
	for (int i = 0; i < SHAPES; i++) {
		if (strcmp(argv[1], shapes[i].name))
			continue;
		count = atoi(argv[2]);
		load_program(&program, &shapes[i], create_table(&shapes[i], 4 * count));
		/* Ten seconds ago; with as many of each class. */
		for (__u32 key = 0; key < count; key++) {
			program.request->class = key % 3;
			if (create(&program, key, clock_ns() - 10000000000ull))
				tap_bail("no entry %u of %u", key, count);
		}
		if (bpf_obj_pin(bpf_flowtab__fd(program.table), argv[3]))
			tap_bail("cannot pin it to %s", argv[3]);
		close_program(&program);
		return 0;
	}
	tap_bail("no shape %s", argv[1]);
}
