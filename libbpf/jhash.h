/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The hash by which the kernel's hash maps find a key's bucket: Bob Jenkins' of 2006, on machines with the
 * lowest byte first. The key is followed by as many bytes, of any kind, as make whole words of 4 of it.
 */
#ifndef LIBBPF_COMPARE_JHASH_H
#define LIBBPF_COMPARE_JHASH_H

#include <linux/types.h>

static inline __attribute__((always_inline)) __u32 jhash_rotate(__u32 word, int by)
{
	return word << by | word >> (32 - by);
}

static inline __attribute__((always_inline)) __u32 jhash_key(const __u32 *words, __u32 size,
							     __u32 seed)
{
	__u32 a = 0xdeadbeef + size + seed, b = a, c = a;
	__u32 last;

	for (; size > 12; size -= 12, words += 3) {
		a += words[0];
		b += words[1];
		c += words[2];
		a = (a - c) ^ jhash_rotate(c, 4);
		c += b;
		b = (b - a) ^ jhash_rotate(a, 6);
		a += c;
		c = (c - b) ^ jhash_rotate(b, 8);
		b += a;
		a = (a - c) ^ jhash_rotate(c, 16);
		c += b;
		b = (b - a) ^ jhash_rotate(a, 19);
		a += c;
		c = (c - b) ^ jhash_rotate(b, 4);
		b += a;
	}
	last = ~0u >> ((4 - size) & 3) * 8;
	if (size > 8)
		c += words[2] & last;
	if (size > 4)
		b += words[1] & (size > 8 ? ~0u : last);
	a += words[0] & (size > 4 ? ~0u : last);
	c = (c ^ b) - jhash_rotate(b, 14);
	a = (a ^ c) - jhash_rotate(c, 11);
	b = (b ^ a) - jhash_rotate(a, 25);
	c = (c ^ b) - jhash_rotate(b, 16);
	a = (a ^ c) - jhash_rotate(c, 4);
	b = (b ^ a) - jhash_rotate(a, 14);
	c = (c ^ b) - jhash_rotate(b, 24);
	return c;
}

#endif /* LIBBPF_COMPARE_JHASH_H */
