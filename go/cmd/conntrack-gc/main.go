// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

// Command conntrack-gc deletes the expired entries of a pinned conntrack map, and none that the
// datapath refreshes meanwhile.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const usage = `Usage: conntrack-gc [FLAG]... MAP
Collects the garbage of a conntrack map, a BPF hash map that is pinned as MAP: every interval it deletes the
entries whose time is over, but none that the datapath refreshed meanwhile. The kernel looks for them (a
sweep), or it reads all entries in batches, and deletes by comparing their time. Prints of each time what
was scanned, deleted, skipped, and deferred for lack of a lock or memory, which is tried again the next time,
and how long it took, and serves the sums to Prometheus. SIGTERM and SIGINT end it, also in the middle of a
sweep. Takes CAP_BPF, and with CAP_PERFMON a sweep of a large map is faster.

An entry's time is a word of its value, on the clock of bpf_ktime_get_ns().

`

// way is how entries are collected.
type way string

const (
	bySweep way = "sweep"
	byBatch way = "batch"
)

// config is what the command line says.
type config struct {
	path     string
	interval time.Duration
	way      way
	batch    int
	listen   string
	layout   layout
}

var errUsage = errors.New("wrong usage")

func parse(args []string, stderr io.Writer) (*config, error) {
	c := &config{}
	flags := flag.NewFlagSet("conntrack-gc", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	flags.DurationVar(&c.interval, "interval", 5*time.Second, "from the start of a sweep to the next")
	flags.StringVar((*string)(&c.way), "collect", string(bySweep),
		"the `way`: sweep, by the kernel, or batch, by what is read of the map")
	flags.IntVar(&c.batch, "batch", 4096, "how many `entries` are read, and deleted, at a time, by batch")
	flags.StringVar(&c.listen, "listen", "127.0.0.1:0", "loopback `address` of the metrics; port 0 is any")
	flags.UintVar(&c.layout.offset, "expires-offset", 16, "where in the value the time is, in `bytes`")
	flags.UintVar(&c.layout.size, "expires-size", 8, "the time's size in `bytes`, 4 or 8")
	flags.DurationVar(&c.layout.unit, "expires-unit", time.Nanosecond, "what the time counts")
	flags.Uint64Var(&c.layout.claim, "claim", 0,
		"a `time` no live entry has, to claim entries by; 0: the datapath knows nothing of claims")
	flags.Uint64Var(&c.layout.claimFirst, "claim-first", 0,
		"the first `time` that is a claim, of whichever collector of this map; 0: as -claim")
	flags.Uint64Var(&c.layout.claimLast, "claim-last", 0, "the last such `time`; 0: as -claim")

	if err := flags.Parse(args); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			err = errUsage // and flags said which
		}
		return nil, err
	}
	c.layout.complete()
	err := c.layout.check()
	switch {
	case err != nil:
	case flags.NArg() != 1:
		err = errors.New("it takes the path of one map")
	case c.interval <= 0:
		err = errors.New("-interval has to be positive")
	case c.way != bySweep && c.way != byBatch:
		err = fmt.Errorf("-collect is sweep or batch, not %q", c.way)
	case c.batch <= 0:
		err = errors.New("-batch has to be positive")
	}
	c.path = flags.Arg(0)
	return c, err
}

// open makes a collector, as soon as what it takes is there.
func open(ctx context.Context, c *config, stdout io.Writer) (*collector, error) {
	for {
		gc, err := newCollector(c)
		if !transient(err) || ctx.Err() != nil {
			return gc, err
		}
		fmt.Fprintln(stdout, "trying again:", err)
		select {
		case <-ctx.Done():
		case <-time.After(c.interval):
		}
	}
}

// run collects until ctx is done.
func run(ctx context.Context, c *config, stdout io.Writer) error {
	gc, err := open(ctx, c, stdout)
	if err != nil {
		return err
	}
	defer gc.close()
	server, err := serve(c.listen, gc)
	if err != nil {
		return err
	}
	defer server.Close()
	fmt.Fprintf(stdout, "%s: collecting by %s, deleting by backend %v, metrics on http://%s/metrics\n", c.path,
		c.way, gc.backend, server.Addr)

	ticker := time.NewTicker(c.interval)
	defer ticker.Stop()
	for ctx.Err() == nil {
		swept, err := gc.sweep(ctx)
		ended := ctx.Err() != nil && errors.Is(err, ctx.Err())
		if err != nil && !ended && !transient(err) {
			return fmt.Errorf("%s: %w", c.path, err)
		}
		fmt.Fprintln(stdout, swept, "took", swept.took.Round(time.Microsecond))
		if err != nil && !ended {
			fmt.Fprintln(stdout, "interrupted, to be tried again:", err)
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
	total := gc.total()
	fmt.Fprintf(stdout, "in all: sweeps %d interrupted %d %v\n", total.sweeps, total.interrupted, total)
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	c, err := parse(os.Args[1:], os.Stderr)
	if err == nil {
		err = run(ctx, c, os.Stdout)
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "conntrack-gc:", err)
		os.Exit(1)
	}
}
