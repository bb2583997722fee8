// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build cbatch && cgo && !purego

package bpfcompare

/*
#include <stdlib.h>
#include <string.h>
#include "flat.h"

struct cbatch {
	int fd, *results;
	uint32_t count;
	size_t keys_size, values_size;
	uint8_t *keys, *values;
};

static uint8_t *copy(const uint8_t *bytes, size_t size)
{
	return memcpy(malloc(size), bytes, size);
}

static struct cbatch *cbatch_make(int fd, uint32_t count, const uint8_t *keys, size_t keys_size,
				  const uint8_t *values, size_t values_size)
{
	struct cbatch *batch = malloc(sizeof(*batch));

	*batch = (struct cbatch){ fd, calloc(count, sizeof(int)), count, keys_size, values_size,
				  copy(keys, keys_size), copy(values, values_size) };
	return batch;
}

static int cbatch_run(struct cbatch *batch)
{
	struct flat_bytes keys = { batch->keys, batch->keys_size };
	struct flat_bytes values = { batch->values, batch->values_size };
	struct flat_opts opts = { .backend = BPF_MAP_COMPARE_SYSCALL_PROG };
	struct flat_linked none = {};
	uint32_t deleted = 0;
	int err;

	err = flat_delete_batch_if(batch->fd, keys, batch->count, values, opts, batch->results,
				   none).err;
	for (uint32_t i = 0; i < batch->count; i++)
		deleted += !batch->results[i];
	return err ? err : deleted;
}

static void cbatch_free(struct cbatch *batch)
{
	free(batch->results);
	free(batch->keys);
	free(batch->values);
	free(batch);
}
*/
import "C"

// cBatch is what DeleteBatchIf does, done by C with memory of C's own. Files with tests cannot use cgo.
type cBatch struct{ batch *C.struct_cbatch }

func newCBatch(fd, n int, keys, values []byte) cBatch {
	return cBatch{C.cbatch_make(C.int(fd), C.uint32_t(n), pointer(keys), C.size_t(len(keys)),
		pointer(values), C.size_t(len(values)))}
}

func (b cBatch) run() (deleted int) { return int(C.cbatch_run(b.batch)) }
func (b cBatch) free()              { C.cbatch_free(b.batch) }
