/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Real packets for a datapath program: through a pair of devices in a network namespace that ends with this
 * process.
 */
#ifndef BENCH_VETH_H
#define BENCH_VETH_H

void veth_start(void);
/* In ns of the program for each packet, of so many or more, as the kernel counts. */
double veth_time_packets(int program_fd, int packets);

#endif /* BENCH_VETH_H */
