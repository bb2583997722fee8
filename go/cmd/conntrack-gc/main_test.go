// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

const (
	keySize    = 4
	valueSize  = 56
	claim      = 2
	claimFirst = 1
	claimLast  = 16
)

// pinMap pins a map for the time of a test. Its entries expire when told, by key.
func pinMap(t *testing.T, l layout, expires []uint64) (fd int, path string) {
	t.Helper()
	fd, err := bpfmap.Create(bpfmap.Info{Type: 1, KeySize: keySize, ValueSize: valueSize, MaxEntries: 4096})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	path = fmt.Sprintf("/sys/fs/bpf/conntrack-gc-test-%d", os.Getpid())
	if err := bpfmap.Pin(fd, path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(path) })
	for i, at := range expires {
		write(t, fd, l, i, at)
	}
	return fd, path
}

func keyOf(i int) []byte {
	key := make([]byte, keySize)
	nativeOrder().PutUint32(key, uint32(i))
	return key
}

func write(t *testing.T, fd int, l layout, i int, expires uint64) {
	t.Helper()
	value := make([]byte, valueSize)
	if l.size == 4 {
		nativeOrder().PutUint32(l.word(value), uint32(expires))
	} else {
		nativeOrder().PutUint64(l.word(value), expires)
	}
	if err := bpfmap.Update(fd, keyOf(i), value); err != nil {
		t.Fatal(err)
	}
}

func has(fd, i int) bool {
	return bpfmap.Lookup(fd, keyOf(i), make([]byte, valueSize)) == nil
}

func clock(t *testing.T) uint64 {
	now, err := ktime()
	if err != nil {
		t.Fatal(err)
	}
	return now
}

func openFiles(t *testing.T) (names []string) {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if target, err := os.Readlink(filepath.Join("/proc/self/fd", entry.Name())); err == nil {
			names = append(names, target)
		}
	}
	return names
}

func get(t *testing.T, url string) string {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func metric(t *testing.T, metrics, name string) (value int) {
	t.Helper()
	name = "conntrack_gc_" + name + "_total"
	_, after, found := strings.Cut(metrics, "# TYPE "+name+" counter\n")
	var number float64 // which may be written as one
	if n, err := fmt.Sscanf(after, name+" %g\n", &number); !found || n != 1 {
		t.Errorf("no %s in the metrics: %v", name, err)
	}
	return int(number)
}

func byBoth(t *testing.T, test func(t *testing.T, way way)) {
	for _, way := range []way{bySweep, byBatch} {
		t.Run(string(way), func(t *testing.T) { test(t, way) })
	}
}

// counted tells what is counted, after it saw that the time was taken.
func counted(t *testing.T, swept counters) counters {
	t.Helper()
	if swept.took <= 0 {
		t.Errorf("it took %v", swept.took)
	}
	swept.took = 0
	return swept
}

// Of 3000 entries one third has expired, one lives, and one is claimed, by all collectors there can be.
func TestRun(t *testing.T) { byBoth(t, testRun) }

func testRun(t *testing.T, way way) {
	var expires []uint64
	now := clock(t)
	for i := 0; i < 3000; i++ {
		expires = append(expires, []uint64{now - 1, now + uint64(time.Hour), claimFirst + uint64(i/3)%claimLast}[i%3])
	}
	args := fmt.Sprintf("-collect %s -interval 20ms -batch 100 -claim %d -claim-first %d -claim-last %d MAP", way,
		claim, claimFirst, claimLast)
	c, err := parse(strings.Fields(args), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var fd int
	fd, c.path = pinMap(t, c.layout, expires)
	before := openFiles(t)

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	output, stdout := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, c, stdout)
		stdout.Close()
	}()
	lines := bufio.NewScanner(output)
	lines.Scan()
	url := regexp.MustCompile(`http://.*`).FindString(lines.Text())
	if says := fmt.Sprintf("%s: collecting by %s, deleting by backend syscall_prog, ", c.path, way); !strings.HasPrefix(lines.Text(), says) {
		t.Errorf("it says %q", lines.Text())
	}
	for _, says := range []string{"scanned 3000 deleted 1000 skipped 0 deferred 0",
		"scanned 2000 deleted 0 skipped 0 deferred 0"} {
		lines.Scan()
		was, took, _ := strings.Cut(lines.Text(), " took ")
		if duration, err := time.ParseDuration(took); was != says || err != nil || duration <= 0 {
			t.Errorf("it says %q, %v, want %q", lines.Text(), err, says)
		}
	}
	for i := range expires {
		if has(fd, i) != (i%3 != 0) {
			t.Fatalf("entry %d, which expires at %d: there it is: %v", i, expires[i], has(fd, i))
		}
	}
	// What is served belongs together, whichever sweep it is of.
	metrics := get(t, url)
	sweeps := metric(t, metrics, "sweeps")
	if sweeps < 2 || metric(t, metrics, "scanned_entries") != 1000+2000*sweeps ||
		metric(t, metrics, "deleted_entries") != 1000 || metric(t, metrics, "skipped_entries") != 0 ||
		metric(t, metrics, "interrupted_sweeps") != 0 || metric(t, metrics, "deferred_entries") != 0 {
		t.Errorf("it serves:\n%s", metrics)
	}
	var took float64
	_, after, _ := strings.Cut(metrics, "\nconntrack_gc_sweep_duration_seconds_sum ")
	if _, err := fmt.Sscanf(after, "%g\n", &took); err != nil || took <= 0 || took > 60 {
		t.Errorf("it took %g seconds, %v:\n%s", took, err, metrics)
	}
	problems, err := promlint.New(strings.NewReader(metrics)).Lint()
	if err != nil || len(problems) != 0 {
		t.Errorf("metrics are not named by the conventions: %v, %v", problems, err)
	}

	cancel()
	var last string
	for lines.Scan() {
		last = lines.Text()
	}
	if !regexp.MustCompile(`^in all: sweeps \d+ interrupted 0 scanned \d+ deleted 1000 skipped 0 deferred 0$`).MatchString(last) {
		t.Errorf("in the end it says %q", last)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(url); err == nil {
		t.Error("it still serves the counters")
	}
	for tries := 0; len(openFiles(t)) > len(before) && tries < 100; tries++ {
		time.Sleep(10 * time.Millisecond) // closing a connection takes the other end as well
	}
	for _, name := range openFiles(t) {
		if strings.Contains(name, "bpf-prog") {
			t.Errorf("it left %s open", name)
		}
	}
	if after := openFiles(t); len(after) > len(before) {
		t.Errorf("open before: %v, after: %v", before, after)
	}
}

// One entry is refreshed between read and delete, another deleted. Times are seconds in 4 bytes.
func TestSkips(t *testing.T) {
	l := layout{offset: 20, size: 4, unit: time.Second}
	now := clock(t) / uint64(time.Second)
	fd, path := pinMap(t, l, []uint64{now - 1, now - 1, now + 1000, now - 1})
	gc, err := newCollector(&config{path: path, way: byBatch, batch: 10, layout: l})
	if err != nil {
		t.Fatal(err)
	}
	defer gc.close()
	keys, values, err := gc.reader.Next()
	if err != nil {
		t.Fatal(err)
	}
	write(t, fd, l, 0, now+1000)
	other, err := newCollector(&config{path: path, way: byBatch, batch: 10, layout: l})
	if err != nil {
		t.Fatal(err)
	}
	defer other.close()
	if swept, err := other.sweep(context.Background()); err != nil || swept.deleted != 2 {
		t.Errorf("the other collector: %v, %v", swept, err)
	}
	write(t, fd, l, 1, now-1)
	var swept counters
	if err := gc.collect(context.Background(), keys, values, &swept); err != nil {
		t.Error(err)
	}
	if swept != (counters{scanned: 4, deleted: 1, skipped: 2}) {
		t.Error(swept)
	}
	if !has(fd, 0) || has(fd, 1) || !has(fd, 2) || has(fd, 3) {
		t.Error("entries 0 and 2 are to be left")
	}
}

// Without a descriptor left the batches fail until there are some again. Nothing of that ends the agent.
func TestRetries(t *testing.T) { byBoth(t, testRetries) }

func testRetries(t *testing.T, way way) {
	c, err := parse([]string{"-collect", string(way), "-interval", "10ms", "MAP"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	now := clock(t)
	var fd int
	fd, c.path = pinMap(t, c.layout, []uint64{now - 1, now - 1, now + uint64(time.Hour)})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	output, stdout := io.Pipe()
	done := make(chan error, 1)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	setLimit := func(n uint64) {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: n, Max: limit.Max}); err != nil {
			t.Fatal(err)
		}
	}
	go func() {
		done <- run(ctx, c, stdout)
		stdout.Close()
	}()
	lines := bufio.NewScanner(output)
	lines.Scan()
	url := regexp.MustCompile(`http://.*`).FindString(lines.Text())
	lines.Scan() // of the first sweep
	setLimit(4)
	bpfcompare.Release(fd) // so that there is a program to be loaded
	interrupted := 0
	for n := 0; n < 100 && interrupted < 3 && lines.Scan(); n++ {
		if strings.HasPrefix(lines.Text(), "interrupted, to be tried again: ") {
			// Not before: a sweep that was under way had what it takes.
			if interrupted++; interrupted == 1 {
				write(t, fd, c.layout, 3, now-1)
			}
		}
	}
	setLimit(limit.Cur)
	if interrupted < 3 || !has(fd, 3) {
		select {
		case err = <-done:
		default:
		}
		t.Fatalf("interrupted %d times, the entry is there: %v, it ended: %v", interrupted, has(fd, 3), err)
	}
	for lines.Scan() && !strings.Contains(lines.Text(), " deleted 1 ") {
	}
	go io.Copy(io.Discard, output)
	metrics := get(t, url)
	if metric(t, metrics, "interrupted_sweeps") < 3 || (metric(t, metrics, "deferred_entries") == 0) == (way == byBatch) ||
		metric(t, metrics, "deleted_entries") != 3 || metric(t, metrics, "skipped_entries") != 0 {
		t.Errorf("it serves:\n%s", metrics)
	}
	if err := bpfmap.Freeze(fd); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, syscall.EPERM) {
		t.Errorf("with a frozen map: %v", err)
	}
}

// A sweep that is told to end is none, and nothing that fails.
func TestCanceled(t *testing.T) { byBoth(t, testCanceled) }

func testCanceled(t *testing.T, way way) {
	l := layout{offset: 16, size: 8, unit: time.Nanosecond}
	now := clock(t)
	fd, path := pinMap(t, l, []uint64{now - 1, now - 1, now - 1})
	c := &config{path: path, way: way, batch: 10, layout: l, listen: "127.0.0.1:0", interval: time.Hour}
	gc, err := newCollector(c)
	if err != nil {
		t.Fatal(err)
	}
	defer gc.close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	swept, err := gc.sweep(ctx)
	if swept = counted(t, swept); !errors.Is(err, context.Canceled) || transient(err) || swept != (counters{}) || !has(fd, 0) {
		t.Errorf("%+v, %v", swept, err)
	}
	// In the middle of one: the batch, or the sweep, is told by the context that it was given.
	ctx, cancel = context.WithCancel(context.Background())
	gc.deleteBatch = func(ctx context.Context, fd int, keys, seen []byte, opts *bpfcompare.Options) ([]error, int, error) {
		cancel()
		return bpfcompare.DeleteBatchIfContext(ctx, fd, keys, seen, opts)
	}
	gc.sweepMap = func(ctx context.Context, fd int, opts *bpfcompare.SweepOptions) (bpfcompare.Swept, error) {
		cancel()
		return bpfcompare.SweepContext(ctx, fd, opts)
	}
	swept, err = gc.sweep(ctx)
	if swept = counted(t, swept); !errors.Is(err, context.Canceled) || swept.deleted != 0 || swept.sweeps != 0 || !has(fd, 0) {
		t.Errorf("%+v, %v", swept, err)
	}
}

// What is told of a batch that did not come to its end.
func TestInterrupted(t *testing.T) {
	l := layout{offset: 16, size: 8, unit: time.Nanosecond}
	for _, c := range []struct {
		err  error
		goes bool
	}{
		{syscall.EAGAIN, true}, {bpfcompare.ErrAgain, true}, {syscall.ENOMEM, true}, {syscall.EMFILE, true},
		{syscall.ENFILE, true}, {syscall.EINTR, true}, {syscall.ESTALE, true},
		{fmt.Errorf("wrapped: %w", syscall.ENOMEM), true},
		{syscall.EPERM, false}, {syscall.EINVAL, false}, {syscall.EBADF, false},
		{bpfcompare.ErrNotSupported, false}, {errors.New("another"), false},
	} {
		t.Run(c.err.Error(), func(t *testing.T) {
			now := clock(t)
			_, path := pinMap(t, l, []uint64{now - 1, now - 1, now - 1, now - 1, now - 1})
			gc, err := newCollector(&config{path: path, way: byBatch, batch: 10, layout: l})
			if err != nil {
				t.Fatal(err)
			}
			defer gc.close()
			calls := 0
			gc.deleteBatch = func(context.Context, int, []byte, []byte, *bpfcompare.Options) ([]error, int, error) {
				if calls++; calls == 1 {
					return nil, 0, c.err
				}
				return []error{nil, bpfcompare.ErrMismatch, bpfcompare.ErrAgain, bpfcompare.ErrNotExist,
					bpfcompare.ErrCanceled}, 1, c.err
			}
			swept, err := gc.sweep(context.Background())
			if err != c.err || transient(err) != c.goes {
				t.Fatalf("got %v, transient: %v", err, transient(err))
			}
			want := counters{scanned: 5, deferred: 5}
			if c.goes {
				want.interrupted = 1
			}
			if swept = counted(t, swept); swept != want {
				t.Errorf("the first call: %+v", swept)
			}
			if !c.goes {
				return
			}
			swept, _ = gc.sweep(context.Background())
			if swept = counted(t, swept); swept != (counters{interrupted: 1, scanned: 5, deleted: 1, skipped: 2, deferred: 2}) {
				t.Errorf("the second call: %+v", swept)
			}
			gc.deleteBatch = bpfcompare.DeleteBatchIfContext
			swept, err = gc.sweep(context.Background())
			if swept = counted(t, swept); err != nil || swept != (counters{sweeps: 1, scanned: 5, deleted: 5}) {
				t.Errorf("afterwards: %+v, %v", swept, err)
			}
			if total := gc.total(); total.interrupted != 2 || total.sweeps != 1 || total.deleted != 6 {
				t.Errorf("in all: %+v", total)
			}
		})
	}
}

// What is told of a sweep, whole or not.
func TestSwept(t *testing.T) {
	l := layout{offset: 16, size: 8, unit: time.Nanosecond}
	for _, c := range []struct {
		swept bpfcompare.Swept
		err   error
		want  counters
	}{
		{bpfcompare.Swept{Scanned: 9, Matched: 5, Deleted: 3, Changed: 2}, nil,
			counters{sweeps: 1, scanned: 9, deleted: 3, skipped: 2}},
		{bpfcompare.Swept{Scanned: 9, Matched: 6, Deleted: 3, Changed: 1}, bpfcompare.ErrAgain,
			counters{interrupted: 1, scanned: 9, deleted: 3, skipped: 1, deferred: 2}},
		{bpfcompare.Swept{}, bpfcompare.ErrPermission, counters{}},
	} {
		_, path := pinMap(t, l, nil)
		gc, err := newCollector(&config{path: path, way: bySweep, layout: l})
		if err != nil {
			t.Fatal(err)
		}
		gc.sweepMap = func(context.Context, int, *bpfcompare.SweepOptions) (bpfcompare.Swept, error) { return c.swept, c.err }
		swept, err := gc.sweep(context.Background())
		if swept = counted(t, swept); err != c.err || swept != c.want {
			t.Errorf("%+v, %v, want %+v, %v", swept, err, c.want, c.err)
		}
		gc.close()
		os.Remove(path)
	}
}

// Both ways take the same entries, also where the clock has no room in a word.
func TestWaysAgree(t *testing.T) {
	now := clock(t)
	for _, l := range []layout{
		{offset: 16, size: 8, unit: time.Nanosecond},
		{offset: 20, size: 4, unit: time.Nanosecond, claim: 2, claimFirst: 1, claimLast: 3},
		{offset: 1, size: 4, unit: time.Second},
		{offset: 48, size: 8, unit: time.Hour << 8},
	} {
		var left [2][]bool
		for i, way := range []way{bySweep, byBatch} {
			last := uint64(math.MaxUint64)
			if l.size == 4 {
				last = math.MaxUint32
			}
			expires := []uint64{0, 1, 3, 4, now / 2 & last, now / uint64(l.unit) & last, last - 1, last}
			fd, path := pinMap(t, l, expires)
			gc, err := newCollector(&config{path: path, way: way, batch: 10, layout: l})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := gc.sweep(context.Background()); err != nil {
				t.Error(err)
			}
			for n := range expires {
				left[i] = append(left[i], has(fd, n))
			}
			gc.close()
			os.Remove(path)
		}
		if fmt.Sprint(left[0]) != fmt.Sprint(left[1]) {
			t.Errorf("%+v: a sweep left %v, a batch %v", l, left[0], left[1])
		}
	}
}

// The first word and the last of a range are claims, those beside it are times.
func TestClaimed(t *testing.T) {
	for _, size := range []uint{4, 8} {
		one := layout{size: size, unit: 1, claim: 5}
		one.complete()
		for _, c := range []struct {
			layout  layout
			word    byte
			expired bool
		}{
			{layout{size: size, unit: 1}, 5, true},
			{one, 4, true}, {one, 5, false}, {one, 6, true},
			{layout{size: size, unit: 1, claim: 5, claimFirst: 3, claimLast: 7}, 2, true},
			{layout{size: size, unit: 1, claim: 5, claimFirst: 3, claimLast: 7}, 3, false},
			{layout{size: size, unit: 1, claim: 5, claimFirst: 3, claimLast: 7}, 7, false},
			{layout{size: size, unit: 1, claim: 5, claimFirst: 3, claimLast: 7}, 8, true},
			{layout{size: size, unit: 1, claim: 5, claimFirst: 3, claimLast: 7}, 100, false},
		} {
			carrier := layout{size: size, claim: uint64(c.word)}
			word := carrier.claimBytes()
			if expired := c.layout.expired(word, 100); expired != c.expired {
				t.Errorf("%d with %+v: expired: %v", c.word, c.layout, expired)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	_, path := pinMap(t, layout{}, nil)
	for _, c := range []struct{ args, says string }{
		{"", "path of one map"},
		{"a b", "path of one map"},
		{"-interval 0 x", "-interval"},
		{"-batch 0 x", "-batch"},
		{"-collect read x", `-collect is sweep or batch, not "read"`},
		{"-expires-size 2 x", "-expires-size is 4 or 8, not 2"},
		{"-expires-unit 0 x", "-expires-unit"},
		{"-expires-size 4 -claim 4294967296 x", "claims up to 4294967296 have no room"},
		{"-expires-size 4 -claim 1 -claim-last 4294967296 x", "claims up to 4294967296 have no room"},
		{"-claim 17 -claim-first 1 -claim-last 16 x", "-claim 17 is not from -claim-first 1 to -claim-last 16"},
		{"-claim 1 -claim-first 2 -claim-last 16 x", "-claim 1 is not from -claim-first 2"},
		{"-claim 3 -claim-first 3 -claim-last 2 x", "-claim 3 is not from -claim-first 3 to -claim-last 2"},
		{"-claim-first 1 -claim-last 16 x", "take a -claim among them"},
		{"-claim-last 16 x", "take a -claim among them"},
		{"-claim-first 16 x", "take a -claim among them"},
		{"/sys/fs/bpf/none", "opening /sys/fs/bpf/none: no such file"},
		{"-expires-offset 49 " + path, "values of 56 bytes have no 8 at -expires-offset 49"},
		{"-expires-offset 18446744073709551615 " + path, "values of 56 bytes have no 8 at"},
		{"-listen 0.0.0.0:0 " + path, "-listen takes a loopback address"},
		{"-listen localhost " + path, "-listen"},
	} {
		config, err := parse(strings.Fields(c.args), io.Discard)
		if err == nil {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			err = run(ctx, config, io.Discard)
			cancel()
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: got %v, want an error with %q", c.args, err, c.says)
		}
	}
	if _, err := parse([]string{"-none"}, io.Discard); err != errUsage {
		t.Error(err)
	}
}
