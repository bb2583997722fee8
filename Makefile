# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# `make help` lists the targets. Everything is built under $(O), out of tree.

VERSION := 0.2.0

O ?= build
CC ?= gcc
HOSTCC ?= cc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config
OBJCOPY ?= objcopy
AR ?= ar
LD ?= ld

CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror
LIBBPF_CFLAGS := $(shell $(PKG_CONFIG) --cflags libbpf 2>/dev/null)
override CFLAGS += -std=gnu11 $(WARNINGS) -Iinclude -I$(O)/include $(LIBBPF_CFLAGS)
BPF_CFLAGS := -O2 -g -target bpf -mcpu=v3 $(WARNINGS) -Wno-unused-parameter -Iinclude $(LIBBPF_CFLAGS) \
	      -fdebug-compilation-dir=. \
	      -idirafter /usr/include/$(shell $(CC) -print-multiarch)

# Never built into, nor cleaned away, is a folder that had something in it before we came.
ifneq ($(words $(O)),1)
$(error O is "$(O)", and not the name of one folder)
else ifeq ($(wildcard $(O)/.libbpf-compare),)
ifneq ($(wildcard $(O)/*),)
$(error O=$(O) is a folder with other things in it)
endif
$(shell mkdir -p $(O) && touch $(O)/.libbpf-compare)
endif

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all
all: lib

help:
	@echo 'make             build the library and bpfcmp into $(O)/'
	@echo 'make demo        install what is missing, build, show the race and its cure on real traffic'
	@echo 'make check       install what is missing, build, run every selftest on every kernel'
	@echo 'make check-host  the same on this kernel alone'
	@echo 'make check-san   the selftests with AddressSanitizer and with ThreadSanitizer'
	@echo 'make check-valgrind  the selftests with valgrind'
	@echo 'make coverage    which lines and branches of the library the selftests reach'
	@echo 'make fuzz        build the fuzzer for options'
	@echo 'make stress      the races at length'
	@echo 'make vm          one test on one test kernel: KERNEL=ROW TEST=NAME, CONSOLE=1 for a shell'
	@echo 'make bench       time the ways to delete, side by side; make bench-vm does so on a test kernel: KERNEL=ROW'
	@echo 'make man         build the manual pages'
	@echo 'make install     install the library and its manual pages; make uninstall takes them away again'
	@echo 'make fork        build libbpf and this into one libbpf.so and libbpf.a: LIBBPF_SRC=DIR'
	@echo 'make vendor      write the library as one C file, to check into another tree: DEST=DIR'
	@echo 'make go-agent    build the example agent'
	@echo 'make go-generate write what the Go package has of our C anew'
	@echo 'make deps        install the Debian packages that the targets above need'
	@echo 'make format      lay the C files out with clang-format'
	@echo 'make clean       remove $(O)/'
	@echo
	@echo 'Variables: O=DIR (build there), CC, CLANG, BPFTOOL, CFLAGS, V=1 (show commands); to install:'
	@echo 'PREFIX (/usr/local), LIBDIR, INCLUDEDIR, MANDIR, DESTDIR'

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n'
endif

include libbpf/libbpf.mk
include tool/tool.mk
include selftests/selftests.mk
include selftests/demo/demo.mk
include selftests/bench/bench.mk
include selftests/stress.mk
include selftests/fuzz/fuzz.mk
include man/man.mk
include packaging/packaging.mk
include go/go.mk

# What the library takes, and each part of the selftests besides; all of them with `make deps`.
PARTS := $(notdir $(patsubst %/packages.txt,%,$(wildcard selftests/*/packages.txt)))

deps: $(PARTS:%=deps-%)

deps-%:
	$(Q)selftests/deps.sh $*

format:
	$(Q)clang-format -i $$(git ls-files '*.c' '*.h' ':!go/libbpf_compare.c' ':!go/bpf_compare.h')

clean:
	$(Q)rm -rf $(O)

.PHONY: help deps format clean
