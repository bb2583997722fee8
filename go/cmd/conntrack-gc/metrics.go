// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// serve serves the counters on a loopback address. Addr of the server it gives has the port.
func serve(address string, total func() counters) (*http.Server, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("-listen: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("-listen takes a loopback address, such as 127.0.0.1:0, not %q", address)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("-listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		writeMetrics(w, total())
	})
	server := &http.Server{Addr: listener.Addr().String(), Handler: mux, ReadHeaderTimeout: time.Second}
	go server.Serve(listener)
	return server, nil
}

// writeMetrics writes the counters in Prometheus' text format.
func writeMetrics(w io.Writer, c counters) {
	for _, metric := range []struct {
		name, help string
		value      uint64
	}{
		{"sweeps", "How often the map was gone through.", c.sweeps},
		{"interrupted_sweeps", "How often that was left to the next sweep, for lack of a lock or memory.",
			c.interrupted},
		{"scanned_entries", "Entries that were read.", c.scanned},
		{"deleted_entries", "Entries that had expired, and were deleted.", c.deleted},
		{"skipped_entries", "Entries that had expired when read, but were not to be deleted after.", c.skipped},
		{"deferred_entries", "Entries that had expired, and were left to the next sweep for such a lack.",
			c.deferred},
	} {
		fmt.Fprintf(w, "# HELP conntrack_gc_%s_total %s\n# TYPE conntrack_gc_%[1]s_total counter\n"+
			"conntrack_gc_%[1]s_total %[3]d\n", metric.name, metric.help, metric.value)
	}
	fmt.Fprintf(w, "# HELP conntrack_gc_last_sweep_duration_seconds How long the last time took.\n"+
		"# TYPE conntrack_gc_last_sweep_duration_seconds gauge\n"+
		"conntrack_gc_last_sweep_duration_seconds %g\n", c.took.Seconds())
}
