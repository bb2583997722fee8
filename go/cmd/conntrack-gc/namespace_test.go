// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"

	bpfcompare "example.org/libbpf-compare/go"
)

// The tests run in a mount namespace of their own, with a bpf file system of their own, whatever there is outside.
func TestMain(m *testing.M) {
	if errors.Is(bpfcompare.Probe(bpfcompare.Hash, bpfcompare.SyscallProg), bpfcompare.ErrPermission) {
		fmt.Fprintln(os.Stderr, "These tests load BPF programs: run them as root, such as by: sudo go test ./...")
		os.Exit(1)
	}
	const inside = "CONNTRACK_GC_TEST_INSIDE"
	if os.Getenv(inside) == "" {
		err := enterNamespace(inside + "=1")
		fmt.Fprintln(os.Stderr, "These tests mount a bpf file system in a namespace of their own:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// enterNamespace starts this program anew, in a namespace: of the one that runs a single thread could get there.
func enterNamespace(mark string) error {
	runtime.LockOSThread()
	if err := syscall.Unshare(syscall.CLONE_NEWNS); err != nil {
		return fmt.Errorf("unshare: %w", err)
	}
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	if err := syscall.Mount("bpf", "/sys/fs/bpf", "bpf", 0, ""); err != nil {
		return fmt.Errorf("mounting /sys/fs/bpf: %w", err)
	}
	return syscall.Exec("/proc/self/exe", os.Args, append(os.Environ(), mark))
}
