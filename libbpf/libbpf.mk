# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The library: libbpf-compare.so and .a, and libbpf.a with the installed libbpf's objects and ours.

# As a delete passes them.
READING_ORDER := $(patsubst %,libbpf/%.c,delete batch update progress linked sweep conditions walk sweep_batch comparer opts claim map native emulate lane kept \
	requests sweep_requests update_requests turn fork program compiled assemble judge match code hashtab kfunc lock verifier scratch probe print)
LIB_SRCS := $(filter-out %.bpf.c libbpf/abi.c libbpf/embed.c,$(wildcard libbpf/*.c))
LIB_SRCS := $(filter $(LIB_SRCS),$(READING_ORDER)) $(filter-out $(READING_ORDER),$(LIB_SRCS))
LIB_OBJ := $(O)/obj/libbpf-compare.o
# Our BPF programs, compiled, as C.
PROGRAMS := $(O)/include/emulate.insns.h
SONAME := libbpf-compare.so.$(firstword $(subst ., ,$(VERSION)))
SHARED := $(O)/libbpf-compare.so.$(VERSION)
STATIC := $(O)/libbpf-compare.a
STATIC_LIBBPF := $(O)/static/libbpf.a
LIBBPF_LIBS = $(shell $(pkg_config) --libs libbpf)
LIBBPF_LIBDIR = $(shell $(pkg_config) --variable=libdir libbpf 2>/dev/null)
LIBBPF_ARCHIVE = $(wildcard $(PKG_CONFIG_SYSROOT_DIR)$(LIBBPF_LIBDIR:$(PKG_CONFIG_SYSROOT_DIR)%=%)/libbpf.a)

lib: $(SHARED) $(O)/$(SONAME) $(O)/libbpf-compare.so $(STATIC) $(O)/abi.ok $(O)/exports.ok

# Not every system has an archive of libbpf, or has it installed.
lib: $(if $(LIBBPF_ARCHIVE),$(STATIC_LIBBPF),no-libbpf-archive)

no-libbpf-archive: $(SHARED)
	$(say) LEFT-OUT '$(STATIC_LIBBPF): there is no archive of libbpf to put into it'

$(O)/needs.ok: libbpf/needs.sh libbpf/needs.txt
	$(Q)mkdir -p $(@D)
	$(Q)$(NEEDS) libbpf/needs.txt
	$(Q)touch $@

$(O)/bpf/%.o: %.bpf.c Makefile $(O)/needs.ok
	$(say) CLANG-BPF $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -target $(BPF_TARGET) $(BPF_CFLAGS) -MMD -MP -c $< -o $@

# To link it drops what is for debuggers.
define make_skeleton
	$(say) SKEL $@
	$(Q)mkdir -p $(@D)
	$(Q)$(BPFTOOL) gen object $<.linked $<
	$(Q)$(BPFTOOL) gen skeleton $<.linked name $*_bpf >$@
endef

# The library's own programs, as C: for both byte orders, see embed.c.
EMULATION := plain compare claim linked update word bytes touch each elems buckets

$(O)/bpf/libbpf/%.bpfel.o $(O)/bpf/libbpf/%.bpfeb.o: libbpf/%.bpf.c Makefile $(O)/needs.ok
	$(say) CLANG-BPF $<
	$(Q)mkdir -p $(@D)
	$(Q)for order in bpfel bpfeb; do \
		$(CLANG) -target $$order $(filter-out -g,$(BPF_CFLAGS)) \
			-MMD -MP -MT '$(@D)/$*.bpfel.o' -c $< -o $(@D)/$*.$$order.o || exit; \
	done

$(O)/embed: libbpf/embed.c $(O)/needs.ok
	$(say) HOSTCC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -O1 $< -o $@

# A tarball of `make dist` has them: prebuilt is what that puts beside the sources.
ifneq ($(wildcard prebuilt/emulate.insns.h),)
$(PROGRAMS): prebuilt/emulate.insns.h $(O)/needs.ok
	$(Q)mkdir -p $(@D)
	$(Q)cp $< $@
else
$(PROGRAMS): $(O)/embed $(EMULATION:%=$(O)/bpf/libbpf/%.bpfel.o)
	$(say) EMBED $@
	$(Q)mkdir -p $(@D)
	$(Q)$(O)/embed $(O)/bpf/libbpf $(EMULATION) >$@
endif

# All files as one, so that the names that they share are static, whatever the compiler writes: objects
# with code, or those that the linker has yet to make code of.
$(LIB_OBJ:.o=.c): packaging/amalgamate.awk $(PROGRAMS) $(LIB_SRCS) $(wildcard libbpf/*.h)
	$(Q)mkdir -p $(@D)
	$(Q)awk -v folders='libbpf $(dir $(PROGRAMS))' -v lines=1 -f $< $(LIB_SRCS) >$@

$(LIB_OBJ): $(LIB_OBJ:.o=.c) Makefile
	$(say) CC $@
	$(Q)$(COMPILE) -fPIC -fvisibility=hidden -MMD -MP -DINTERNAL=static $(call version_defines) -c $< -o $@

version_defines = $(join -DCOMPARE_MAJOR= -DCOMPARE_MINOR= -DCOMPARE_PATCH=,$(subst ., ,$(VERSION)))

$(STATIC): $(LIB_OBJ)
	$(say) AR $@
	$(Q)rm -f $@
	$(Q)$(AR) rcsD $@ $^

# Not to be unloaded: what is kept between calls would stay open and mapped with nobody to know it, and
# to let go of it then could pull it from under a call in another thread.
$(SHARED): $(LIB_OBJ) libbpf/libbpf-compare.map
	$(say) LD $@
	$(Q)$(LINK) -shared -o $@ $(LIB_OBJ) -Wl,-soname,$(SONAME) \
		-Wl,--version-script=libbpf/libbpf-compare.map -Wl,-z,defs -Wl,--no-undefined-version \
		-Wl,-z,nodelete \
		$(LIBBPF_LIBS)

$(O)/$(SONAME) $(O)/libbpf-compare.so: $(SHARED)
	$(Q)ln -sf $(<F) $@

$(STATIC_LIBBPF): $(LIB_OBJ) $(LIBBPF_ARCHIVE)
	$(say) AR $@
	$(Q)mkdir -p $(@D)
	$(Q)test -n '$(LIBBPF_ARCHIVE)' || { echo 'error: libbpf.a not found' >&2; exit 1; }
	$(Q)rm -f $@
	$(Q)printf 'create %s\naddlib %s\naddmod %s\nsave\nend\n' $@ $(LIBBPF_ARCHIVE) $< | $(AR) -M

# What is marked LIBBPF_API, the version script, and what is exported must be one list.
$(O)/exports.ok: libbpf/check-exports.sh include/bpf/bpf_compare.h $(SHARED) libbpf/libbpf-compare.map
	$(Q)libbpf/check-exports.sh include/bpf/bpf_compare.h $(SHARED) libbpf/libbpf-compare.map
	$(Q)touch $@

# And the ABI what was recorded.
$(O)/abi.ok: libbpf/abi.c libbpf/compare_internal.h $(wildcard include/bpf/*.h) $(O)/needs.ok
	$(Q)$(COMPILE) -std=gnu11 -fsyntax-only $<
	$(Q)touch $@

-include $(wildcard $(O)/obj/*.d $(O)/bpf/*/*.d)

.PHONY: lib no-libbpf-archive
