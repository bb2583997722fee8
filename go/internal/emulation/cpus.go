// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

var cpus struct {
	sync.Mutex
	known int
}

// possibleCPUs is how many there can be, of a list like "0-3,8".
func possibleCPUs() (int, error) {
	cpus.Lock()
	defer cpus.Unlock()
	if cpus.known != 0 {
		return cpus.known, nil
	}
	raw, err := os.ReadFile("/sys/devices/system/cpu/possible")
	if err != nil {
		return 0, err
	}
	list := strings.TrimSpace(string(raw))
	count := 0
	for _, some := range strings.Split(list, ",") {
		first, last, isRange := strings.Cut(some, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.Atoi(first)
		to, alsoErr := strconv.Atoi(last)
		if err != nil || alsoErr != nil || to < from {
			return 0, syscall.EINVAL
		}
		count += to - from + 1
	}
	cpus.known = count
	return count, nil
}
