// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

// Command consumer is somebody else's program, which vendors the package.
package main

import (
	"fmt"

	bpfcompare "example.org/libbpf-compare/go"
)

func main() {
	fmt.Println(bpfcompare.SyscallProg, bpfcompare.Probe(bpfcompare.Hash, bpfcompare.Auto))
}
