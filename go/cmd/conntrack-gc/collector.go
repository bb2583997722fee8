// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
	"time"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
	"github.com/prometheus/client_golang/prometheus"
)

// counters are of one sweep, or of all.
type counters struct {
	sweeps, interrupted                 uint64
	scanned, deleted, skipped, deferred uint64
	took                                time.Duration // by the last one
}

func (c counters) String() string {
	return fmt.Sprintf("scanned %d deleted %d skipped %d deferred %d", c.scanned, c.deleted, c.skipped,
		c.deferred)
}

func (c *counters) add(more counters) {
	c.sweeps += more.sweeps
	c.interrupted += more.interrupted
	c.scanned += more.scanned
	c.deleted += more.deleted
	c.skipped += more.skipped
	c.deferred += more.deferred
	c.took = more.took
}

// transient tells whether a later try may succeed: the kernel could not take a lock, or lacked memory or
// descriptors, or a signal came, or the library's descriptors were closed by somebody.
func transient(err error) bool {
	for _, errno := range []syscall.Errno{syscall.EAGAIN, syscall.EBUSY, syscall.EDEADLK, syscall.ETIMEDOUT,
		syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE, syscall.EINTR, syscall.ESTALE} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

type collector struct {
	fd      int
	layout  layout
	info    bpfmap.Info
	way     way
	reader  *bpfmap.Reader
	options bpfcompare.Options
	backend bpfcompare.Backend // that the options mean

	mutex     sync.Mutex
	sum       counters // of sweeps that are over
	durations prometheus.Histogram

	deleteBatch func(ctx context.Context, fd int, keys, seen []byte, opts *bpfcompare.Options) ([]error, int, error)
	sweepMap    func(ctx context.Context, fd int, opts *bpfcompare.SweepOptions) (bpfcompare.Swept, error)
}

func newCollector(c *config) (*collector, error) {
	fd, err := bpfmap.Open(c.path)
	if err != nil {
		return nil, err
	}
	gc := &collector{fd: fd, layout: c.layout, way: c.way, durations: newDurations(),
		deleteBatch: bpfcompare.DeleteBatchIfContext, sweepMap: bpfcompare.SweepContext}
	if err := gc.open(c.batch); err != nil {
		gc.close()
		return nil, fmt.Errorf("%s: %w", c.path, err)
	}
	return gc, nil
}

func (gc *collector) open(batch int) (err error) {
	if gc.info, err = bpfmap.InfoOf(gc.fd); err != nil {
		return err
	}
	if !gc.layout.fits(uint(gc.info.ValueSize)) {
		return fmt.Errorf("its values of %d bytes have no %d at -expires-offset %d",
			gc.info.ValueSize, gc.layout.size, gc.layout.offset)
	}
	if gc.backend, err = bpfcompare.BackendOf(gc.fd); err != nil {
		return err
	}
	gc.options = bpfcompare.Options{Offset: uint32(gc.layout.offset), Size: uint32(gc.layout.size)}
	if gc.layout.claim != 0 {
		gc.options.Claim = gc.layout.claimBytes()
		gc.options.ClaimOffset = gc.options.Offset
	}
	if gc.layout.claim != 0 || gc.way == bySweep {
		gc.backend = bpfcompare.SyscallProg
	}
	gc.options.Backend = gc.backend
	if gc.way == byBatch {
		gc.reader, err = bpfmap.NewReader(gc.fd, batch)
	}
	return err
}

func (gc *collector) close() {
	bpfcompare.Release(gc.fd) // or the program that is kept for the map would keep the map
	syscall.Close(gc.fd)
}

func (gc *collector) total() counters {
	gc.mutex.Lock()
	defer gc.mutex.Unlock()
	return gc.sum
}

// sweep goes through the map once, or until ctx is done, and gives its error then. What an error that is transient
// interrupts is left to the next sweep.
func (gc *collector) sweep(ctx context.Context) (counters, error) {
	var swept counters
	start := time.Now()
	err := gc.collectAll(ctx, &swept)
	swept.took = time.Since(start)
	switch {
	case err == nil:
		swept.sweeps = 1
	case transient(err):
		swept.interrupted = 1
		if gc.way == byBatch {
			gc.reader.Rewind()
		}
	}
	gc.mutex.Lock()
	defer gc.mutex.Unlock()
	gc.sum.add(swept)
	gc.durations.Observe(swept.took.Seconds())
	return swept, err
}

func (gc *collector) collectAll(ctx context.Context, swept *counters) error {
	if gc.way == bySweep {
		return gc.collectInKernel(ctx, swept)
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		keys, values, err := gc.reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = gc.collect(ctx, keys, values, swept)
		}
		if err != nil {
			return err
		}
	}
}

// collect deletes what has expired of a batch. It reorders the keys, and the values.
func (gc *collector) collect(ctx context.Context, keys, values []byte, swept *counters) error {
	now, err := ktime()
	if err != nil {
		return err
	}
	keySize, valueSize := int(gc.info.KeySize), int(gc.info.ValueSize)
	n := len(keys) / keySize
	expiredKeys, seen := keys[:0], values[:0]
	for i := 0; i < n; i++ {
		word := gc.layout.word(values[i*valueSize : (i+1)*valueSize])
		if gc.layout.expired(word, now) {
			// What is written lies before what is still to be read.
			expiredKeys = append(expiredKeys, keys[i*keySize:(i+1)*keySize]...)
			seen = append(seen, word...)
		}
	}
	results, deleted, err := gc.deleteBatch(ctx, gc.fd, expiredKeys, seen, &gc.options)
	swept.scanned += uint64(n)
	swept.deleted += uint64(deleted)
	reached := deleted
	for _, result := range results {
		if result == bpfcompare.ErrMismatch || result == bpfcompare.ErrNotExist {
			swept.skipped++ // refreshed, or deleted by somebody else
			reached++
		}
	}
	swept.deferred += uint64(len(expiredKeys)/keySize - reached)
	return err
}

// collectInKernel has what expired deleted where it is.
func (gc *collector) collectInKernel(ctx context.Context, swept *counters) error {
	now, err := ktime()
	if err != nil {
		return err
	}
	all, err := gc.sweepMap(ctx, gc.fd, &bpfcompare.SweepOptions{
		Where:       bpfcompare.Where{{gc.layout.condition(now)}},
		Claim:       gc.options.Claim,
		ClaimOffset: gc.options.ClaimOffset,
		ClaimFirst:  gc.layout.claimFirst,
		ClaimLast:   gc.layout.claimLast,
	})
	swept.scanned += all.Scanned
	swept.deleted += all.Deleted
	swept.skipped += all.Changed
	swept.deferred += all.Matched - all.Deleted - all.Changed
	return err
}
