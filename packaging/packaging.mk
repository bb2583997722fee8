# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The library for those who use it: installed, vendored, in one with libbpf.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man

# SOURCE:FOLDER, what `make install` builds and where it goes; a part whose .mk file is included before
# this one may add its own.
INSTALL_FILES += $(patsubst %,%:$(INCLUDEDIR)/bpf,$(wildcard include/bpf/*.h)) \
	$(patsubst %,%:$(LIBDIR),$(SHARED) $(O)/$(SONAME) $(O)/libbpf-compare.so $(STATIC)) \
	$(O)/libbpf-compare.pc:$(LIBDIR)/pkgconfig
with_folder = $(foreach page,$(1),$(page):$(MANDIR)/man$(subst .,,$(suffix $(page))))
# The flow table's go where that is installed.
INSTALL_PAGES := $(call with_folder,$(filter-out $(O)/man/man7/bpf_flowtab.%,$(MAN_PAGES)))
HAS_SCDOC := $(or $(wildcard prebuilt/man),$(shell command -v $(SCDOC) 2>/dev/null))

install: $(foreach file,$(INSTALL_FILES) $(if $(HAS_SCDOC),$(INSTALL_PAGES)),$(firstword $(subst :, ,$(file))))
	$(Q)packaging/install.sh install $(INSTALL_FILES) $(if $(HAS_SCDOC),$(INSTALL_PAGES))
	$(if $(HAS_SCDOC),,$(say) LEFT-OUT 'the manual pages: $(SCDOC) not found (Debian package: scdoc)')

uninstall:
	$(Q)packaging/install.sh uninstall $(INSTALL_FILES) $(INSTALL_PAGES)
	$(Q)! test -d "$$DESTDIR$(INCLUDEDIR)/bpf" || \
		rmdir --ignore-fail-on-non-empty "$$DESTDIR$(INCLUDEDIR)/bpf"

install uninstall fork-install: export DESTDIR := $(DESTDIR)

# Made anew each time, as nobody sees when PREFIX is another.
$(O)/libbpf-compare.pc: packaging/libbpf-compare.pc.in .FORCE
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR:$(PREFIX)/%=$${prefix}/%)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR:$(PREFIX)/%=$${prefix}/%)|' -e 's|@VERSION@|$(VERSION)|' $< >$@

.FORCE:

vendor: export DEST := $(DEST)
vendor: $(PROGRAMS)
	$(Q)packaging/vendor.sh $(VERSION) $< $(LIB_SRCS)

go-module: export MODULE := $(MODULE)
go-module: export DEST := $(DEST)
go-module:
	$(Q)packaging/go-module.sh

fork: export LIBBPF_SRC := $(LIBBPF_SRC)
fork:
	$(Q)MAKE='$(MAKE)' CC='$(CC)' CFLAGS='$(if $(filter file,$(origin CFLAGS)),,$(CFLAGS))' \
		LDFLAGS='$(LDFLAGS)' PKG_CONFIG='$(PKG_CONFIG)' packaging/fork.sh $(O)/fork \
		libbpf/libbpf-compare.map

FORK_FILES = $(patsubst %,%:$(LIBDIR),$(wildcard $(O)/fork/libbpf.a $(O)/fork/libbpf.so*)) \
	$(patsubst %,%:$(INCLUDEDIR)/bpf,$(wildcard $(O)/fork/include/bpf/*.h)) \
	$(O)/fork/installed/libbpf.pc:$(LIBDIR)/pkgconfig

fork-install:
	$(Q)test -e $(O)/fork/libbpf.pc || { echo 'error: nothing to install: make fork comes first' >&2; exit 1; }
	$(Q)mkdir -p $(O)/fork/installed
	$(Q)sed -e 's|^prefix=.*|prefix=$(PREFIX)|' -e 's|^libdir=.*|libdir=$(LIBDIR:$(PREFIX)/%=$${prefix}/%)|' \
		-e 's|^includedir=.*|includedir=$(INCLUDEDIR:$(PREFIX)/%=$${prefix}/%)|' \
		$(O)/fork/libbpf.pc >$(O)/fork/installed/libbpf.pc
	$(Q)packaging/install.sh install $(FORK_FILES)

# The sources, and what takes clang and scdoc to make.
DIST := $(O)/libbpf-compare-$(VERSION).tar.xz

dist: $(PROGRAMS) man
	$(say) DIST $(DIST)
	$(Q)packaging/dist.sh $(DIST) libbpf-compare-$(VERSION) $(PROGRAMS) $(O)/man

.PHONY: install uninstall vendor go-module fork fork-install dist .FORCE
