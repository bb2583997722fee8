/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */
#ifndef SWAPPED_H
#define SWAPPED_H

#include <stdbool.h>

void swapped_arm(unsigned int nth, int fd, int other);
bool swapped_disarm(void);

#endif /* SWAPPED_H */
