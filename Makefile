# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# `make help` lists the targets. Everything is built under $(O), out of tree.

VERSION := 0.2.0

O ?= build
CC ?= cc
# Runs here what helps to build, where CC compiles for another machine.
HOSTCC ?= cc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config
# With what make's command line says of it, which $(shell) keeps to itself before make 4.4.
pkg_config = $(foreach name,PKG_CONFIG_PATH PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR,\
	$(if $($(name)),$(name)='$($(name))')) $(PKG_CONFIG)
AR ?= ar

# Those of whoever builds it come last, and win. Warnings are errors for those who work on it, with
# WERROR=1, and for nobody else: other compilers than ours find others.
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra $(if $(WERROR),-Werror)
LIBBPF_CFLAGS := $(shell $(pkg_config) --cflags libbpf 2>/dev/null)
COMPILE = $(CC) -std=gnu11 $(WARNINGS) -Iinclude -I$(O)/include $(LIBBPF_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) $(CFLAGS) $(LDFLAGS)
# BPF programs see the headers that CC sees and no others, and are for machines of its byte order.
BPF_INCLUDES ?= $(addprefix -idirafter ,$(shell LC_ALL=C $(CC) $(CPPFLAGS) -v -E -x c /dev/null 2>&1 | \
	sed -n '/^#include </,/^End/s/^ //p'))
BPF_TARGET := $(if $(shell $(CC) -dM -E -x c /dev/null 2>/dev/null | grep 'BYTE_ORDER__ .*BIG'),bpfeb,bpfel)
BPF_CFLAGS = -O2 -g -mcpu=v3 $(WARNINGS) -Wno-unused-parameter -Iinclude $(LIBBPF_CFLAGS) \
	     -fdebug-compilation-dir=. -nostdlibinc $(BPF_INCLUDES)

# What is not there is said before a compiler does, or, for the targets that people try first, installed:
# what the tables of these folders name. What they build then is built by another make, which finds it.
NEEDS = CC='$(CC)' HOSTCC='$(HOSTCC)' CLANG='$(CLANG)' BPFTOOL='$(BPFTOOL)' PKG_CONFIG='$(PKG_CONFIG)' \
	libbpf/needs.sh
install_needs = $(Q)$(NEEDS) install $(1:%=%/needs.txt)

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
	@echo 'make conntrack   likewise, with TCP connections, NAT, and a datapath that deletes too'
	@echo 'make check       install what is missing, build, run every selftest on every kernel'
	@echo 'make check-host  the same on this kernel alone'
	@echo 'make check-san   the selftests with AddressSanitizer and with ThreadSanitizer'
	@echo 'make check-valgrind  the selftests with valgrind'
	@echo 'make coverage    which lines and branches of the library the selftests reach'
	@echo 'make fuzz        build the fuzzers, for options, sweeps, updates and files of keys'
	@echo 'make stress      the races at length'
	@echo 'make vm          one test on one test kernel: KERNEL=ROW TEST=NAME, CONSOLE=1 for a shell'
	@echo 'make bench       time the ways to delete, side by side; make bench-vm does so on a test kernel: KERNEL=ROW'
	@echo 'make man         build the manual pages'
	@echo 'make install     install the library and its manual pages; make uninstall takes them away again'
	@echo 'make fork        build libbpf and this into one libbpf.so and libbpf.a: LIBBPF_SRC=DIR'
	@echo 'make fork-install  install that in place of libbpf'
	@echo 'make dist        a tarball of the sources, to build from without clang and scdoc'
	@echo 'make vendor      write the library as one C file, to check into another tree: DEST=DIR'
	@echo 'make flowtab     build the experimental flow table; make flowtab-install and flowtab-uninstall as for the library'
	@echo 'make go-module   set the path of the Go module: MODULE=PATH; DEST=DIR: of a copy there'
	@echo 'make go-agent    build the example agent'
	@echo 'make daemon      build bpfcmpd, which collects from pinned maps by a configuration file'
	@echo 'make go-generate write what the Go package has of our C anew'
	@echo 'make rust-generate  write the bindings of the Rust crates anew'
	@echo 'make deps        install what of Debian the targets above need'
	@echo 'make format      lay the C files out with clang-format'
	@echo 'make clean       remove $(O)/'
	@echo
	@echo 'Variables: O=DIR (build there), CC, HOSTCC, CLANG, BPFTOOL, AR, PKG_CONFIG, CFLAGS, CPPFLAGS, LDFLAGS,'
	@echo 'BPF_INCLUDES (-I, for BPF programs, where not those of CC), WERROR=1 (warnings are errors),'
	@echo 'V=1 (show commands); to install:'
	@echo 'PREFIX (/usr/local), LIBDIR, INCLUDEDIR, MANDIR, DESTDIR'

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n'
endif

include libbpf/libbpf.mk
include flowtab/flowtab.mk
include tool/tool.mk
include selftests/selftests.mk
include selftests/flowtab/flowtab.mk
include selftests/demo/demo.mk
include selftests/conntrack/conntrack.mk
include selftests/bench/bench.mk
include selftests/stress.mk
include selftests/fuzz/fuzz.mk
include man/man.mk
include packaging/packaging.mk
include go/go.mk
include rust/rust.mk
include examples/daemon/daemon.mk

deps:
	$(call install_needs,$(patsubst %/needs.txt,%,$(wildcard */needs.txt selftests/*/needs.txt)))

format:
	$(Q)clang-format -i $$(git ls-files '*.c' '*.h' ':!go/libbpf_compare.c' ':!go/bpf_compare.h' ':!rust')

clean:
	$(Q)rm -rf $(O)

.PHONY: help deps format clean
