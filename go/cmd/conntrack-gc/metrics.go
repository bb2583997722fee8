// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const namespace = "conntrack_gc"

func describe(name, help string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, nil, nil)
}

// sums are the metrics that count, of all sweeps that are over.
var sums = []struct {
	desc  *prometheus.Desc
	value func(c *counters) uint64
}{
	{describe("sweeps_total", "How often the map was gone through."),
		func(c *counters) uint64 { return c.sweeps }},
	{describe("interrupted_sweeps_total", "How often that was left to the next sweep, for lack of a lock or memory."),
		func(c *counters) uint64 { return c.interrupted }},
	{describe("scanned_entries_total", "Entries that were read."),
		func(c *counters) uint64 { return c.scanned }},
	{describe("deleted_entries_total", "Entries that had expired, and were deleted."),
		func(c *counters) uint64 { return c.deleted }},
	{describe("skipped_entries_total", "Entries that had expired when read, but were not to be deleted after."),
		func(c *counters) uint64 { return c.skipped }},
	{describe("deferred_entries_total", "Entries that had expired, and were left to the next sweep for such a lack."),
		func(c *counters) uint64 { return c.deferred }},
}

// newDurations gives what counts how long sweeps take: 0.25 ms to 8 s, by powers of two.
func newDurations() prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: "sweep_duration_seconds",
		Help: "How long it took to go through the map.", Buckets: prometheus.ExponentialBuckets(0.00025, 2, 16)})
}

// Describe and Collect make the collector one of Prometheus' too. What counts is all of the same moment.
func (gc *collector) Describe(descs chan<- *prometheus.Desc) {
	for _, sum := range sums {
		descs <- sum.desc
	}
	gc.durations.Describe(descs)
}

func (gc *collector) Collect(metrics chan<- prometheus.Metric) {
	total := gc.total()
	for _, sum := range sums {
		metrics <- prometheus.MustNewConstMetric(sum.desc, prometheus.CounterValue, float64(sum.value(&total)))
	}
	gc.durations.Collect(metrics)
}

// serve serves metrics on a loopback address. Addr of the server it gives has the port.
func serve(address string, metrics prometheus.Collector) (*http.Server, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("-listen: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("-listen takes a loopback address, such as 127.0.0.1:0, not %q", address)
	}
	registry := prometheus.NewRegistry()
	if err := registry.Register(metrics); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("-listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Addr: listener.Addr().String(), Handler: mux, ReadHeaderTimeout: time.Second}
	go server.Serve(listener)
	return server, nil
}
