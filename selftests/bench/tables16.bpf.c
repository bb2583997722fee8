// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#define BUCKET 16
#include "tables.bpf.h"
