// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

import "time"

// SetPortions has a context be looked at so often, until restore.
func SetPortions(keys int, time time.Duration) (restore func()) {
	oldKeys, oldTime := portionKeys, portionTime
	portionKeys, portionTime = keys, time
	return func() { portionKeys, portionTime = oldKeys, oldTime }
}
