# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# libbpf-flowtab, experimental: apart from the library, neither built nor installed with it.

FLOWTAB_OBJS := $(patsubst %.c,$(O)/obj/%.o,$(wildcard flowtab/*.c))
FLOWTAB_SHARED := $(O)/libbpf-flowtab.so.0
FLOWTAB_STATIC := $(O)/libbpf-flowtab.a

flowtab: $(FLOWTAB_SHARED) $(O)/libbpf-flowtab.so $(FLOWTAB_STATIC)

$(FLOWTAB_OBJS): $(O)/obj/%.o: %.c $(O)/needs.ok
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -Iflowtab/include -fPIC -MMD -MP -c $< -o $@

$(FLOWTAB_STATIC): $(FLOWTAB_OBJS)
	$(say) AR $@
	$(Q)rm -f $@
	$(Q)$(AR) rcsD $@ $^

$(FLOWTAB_SHARED): $(FLOWTAB_OBJS) flowtab/libbpf-flowtab.map
	$(say) LD $@
	$(Q)$(LINK) -shared -o $@ $(FLOWTAB_OBJS) -Wl,-soname,$(@F) \
		-Wl,--version-script=flowtab/libbpf-flowtab.map -Wl,-z,defs -Wl,--no-undefined-version $(LIBBPF_LIBS)

$(O)/libbpf-flowtab.so: $(FLOWTAB_SHARED)
	$(Q)ln -sf $(<F) $@

-include $(wildcard $(O)/obj/flowtab/*.d)

FLOWTAB_FILES = $(patsubst %,%:$(INCLUDEDIR)/bpf,$(wildcard flowtab/include/bpf/*.h)) \
	$(patsubst %,%:$(LIBDIR),$(FLOWTAB_SHARED) $(O)/libbpf-flowtab.so $(FLOWTAB_STATIC)) \
	$(O)/libbpf-flowtab.pc:$(LIBDIR)/pkgconfig
FLOWTAB_PAGES = $(call with_folder,$(filter $(O)/man/man7/bpf_flowtab.%,$(MAN_PAGES)))

flowtab-install: flowtab $(O)/libbpf-flowtab.pc
	$(if $(HAS_SCDOC),$(Q)$(MAKE) --no-print-directory man)
	$(Q)packaging/install.sh install $(FLOWTAB_FILES) $(if $(HAS_SCDOC),$(FLOWTAB_PAGES))

flowtab-uninstall:
	$(Q)packaging/install.sh uninstall $(FLOWTAB_FILES) $(FLOWTAB_PAGES)

flowtab-install flowtab-uninstall: export DESTDIR := $(DESTDIR)

# As libbpf-compare.pc, of which it differs in the library.
$(O)/libbpf-flowtab.pc: $(O)/libbpf-compare.pc
	$(Q)sed -e 's/libbpf-compare/libbpf-flowtab/; s/-lbpf-compare/-lbpf-flowtab/' \
		-e 's/^Description: .*/Description: A table of flows in a BPF arena (experimental)/' $< >$@

.PHONY: flowtab flowtab-install flowtab-uninstall
