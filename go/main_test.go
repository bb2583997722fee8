// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	bpfcompare "example.org/libbpf-compare/go"
)

func TestMain(m *testing.M) {
	if errors.Is(bpfcompare.Probe(bpfcompare.Hash, bpfcompare.SyscallProg), bpfcompare.ErrPermission) {
		fmt.Fprintln(os.Stderr, "These tests load BPF programs: run them as root, such as by: sudo go test ./...")
		os.Exit(1)
	}
	os.Exit(m.Run())
}
