/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */
#ifndef MEDDLE_H
#define MEDDLE_H

#include <stdbool.h>

void meddle_swap(unsigned int nth, int fd, int other);
void meddle_say(unsigned int nth, const char *line, int err);
bool meddle_done(void);

void meddle_listen(void);
char *meddle_heard(bool *listening);

#endif /* MEDDLE_H */
