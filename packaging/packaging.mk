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
	$(O)/libbpf-compare.pc:$(LIBDIR)/pkgconfig \
	$(foreach page,$(MAN_PAGES),$(page):$(MANDIR)/man$(subst .,,$(suffix $(page))))

install: $(foreach file,$(INSTALL_FILES),$(firstword $(subst :, ,$(file))))
	$(Q)packaging/install.sh install $(INSTALL_FILES)

uninstall:
	$(Q)packaging/install.sh uninstall $(INSTALL_FILES)
	$(Q)! test -d "$$DESTDIR$(INCLUDEDIR)/bpf" || \
		rmdir --ignore-fail-on-non-empty "$$DESTDIR$(INCLUDEDIR)/bpf"

install uninstall: export DESTDIR := $(DESTDIR)

# Made anew each time, as nobody sees when PREFIX is another.
$(O)/libbpf-compare.pc: packaging/libbpf-compare.pc.in .FORCE
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR:$(PREFIX)/%=$${prefix}/%)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR:$(PREFIX)/%=$${prefix}/%)|' -e 's|@VERSION@|$(VERSION)|' $< >$@

.FORCE:

# As a delete passes them.
READING_ORDER := $(patsubst %,libbpf/%.c,delete batch comparer opts claim map native emulate lane kept \
	turn fork program judge lock verifier scratch probe print)
VENDOR_SRCS = $(filter $(LIB_SRCS),$(READING_ORDER)) $(filter-out $(READING_ORDER),$(LIB_SRCS))

vendor: export DEST := $(DEST)
vendor: $(O)/include/emulate.insns.h
	$(Q)packaging/vendor.sh $(VERSION) $< $(VENDOR_SRCS)

fork: export LIBBPF_SRC := $(LIBBPF_SRC)
fork:
	$(Q)MAKE='$(MAKE)' CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' packaging/fork.sh $(O)/fork \
		libbpf/libbpf-compare.map

.PHONY: install uninstall vendor fork .FORCE
