// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

// counters are of one sweep, or of all.
type counters struct {
	sweeps, scanned, deleted, skipped uint64
}

func (c counters) String() string {
	return fmt.Sprintf("scanned %d deleted %d skipped %d", c.scanned, c.deleted, c.skipped)
}

type collector struct {
	fd      int
	layout  layout
	info    bpfmap.Info
	reader  *bpfmap.Reader
	options bpfcompare.Options
	backend bpfcompare.Backend // that the options mean

	mutex sync.Mutex
	sum   counters // of whole sweeps
}

func newCollector(c *config) (*collector, error) {
	fd, err := bpfmap.Open(c.path)
	if err != nil {
		return nil, err
	}
	gc := &collector{fd: fd, layout: c.layout}
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
		gc.backend = bpfcompare.SyscallProg
		gc.options.Claim = gc.layout.claimBytes()
		gc.options.ClaimOffset = gc.options.Offset
	}
	gc.options.Backend = gc.backend
	gc.reader, err = bpfmap.NewReader(gc.fd, batch)
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

// sweep goes through the map once, or until ctx is done.
func (gc *collector) sweep(ctx context.Context) (counters, error) {
	swept := counters{sweeps: 1}
	for {
		keys, values, err := gc.reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = gc.collect(keys, values, &swept)
		}
		if err != nil {
			return swept, err
		}
		if ctx.Err() != nil {
			break
		}
	}
	gc.mutex.Lock()
	defer gc.mutex.Unlock()
	gc.sum.sweeps += swept.sweeps
	gc.sum.scanned += swept.scanned
	gc.sum.deleted += swept.deleted
	gc.sum.skipped += swept.skipped
	return swept, nil
}

// collect deletes what has expired of a batch. It reorders the keys, and the values.
func (gc *collector) collect(keys, values []byte, swept *counters) error {
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
	results, deleted, err := bpfcompare.DeleteBatchIf(gc.fd, expiredKeys, seen, &gc.options)
	if err != nil {
		return err
	}
	swept.scanned += uint64(n)
	swept.deleted += uint64(deleted)
	// Refreshed, deleted by somebody else, or the kernel could not take a lock: all left to the next sweep.
	swept.skipped += uint64(len(results) - deleted)
	return nil
}
