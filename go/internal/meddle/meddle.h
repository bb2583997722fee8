/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */
#ifndef MEDDLE_H
#define MEDDLE_H

#include <stdbool.h>

void meddle_swap(unsigned int nth, int fd, int other);
bool meddle_done(void);

#endif /* MEDDLE_H */
