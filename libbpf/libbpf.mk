# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The library: libbpf-compare.so and .a, and libbpf.a with the installed libbpf's objects and ours.

LIB_SRCS := $(filter-out %.bpf.c libbpf/embed.c,$(wildcard libbpf/*.c))
LIB_OBJS := $(LIB_SRCS:libbpf/%.c=$(O)/obj/%.o)
SONAME := libbpf-compare.so.$(firstword $(subst ., ,$(VERSION)))
SHARED := $(O)/libbpf-compare.so.$(VERSION)
STATIC := $(O)/libbpf-compare.a
STATIC_LIBBPF := $(O)/static/libbpf.a
LIBBPF_LIBS = $(shell $(PKG_CONFIG) --libs libbpf)
LIBBPF_ARCHIVE = $(shell $(PKG_CONFIG) --variable=libdir libbpf)/libbpf.a

lib: $(SHARED) $(O)/$(SONAME) $(O)/libbpf-compare.so $(STATIC) $(STATIC_LIBBPF) $(O)/exports.ok

# Says what is missing before a compiler does.
$(O)/needs.ok: libbpf/needs.sh
	$(Q)mkdir -p $(@D)
	$(Q)CC='$(CC)' CLANG='$(CLANG)' BPFTOOL='$(BPFTOOL)' PKG_CONFIG='$(PKG_CONFIG)' libbpf/needs.sh
	$(Q)touch $@

$(O)/bpf/%.o: %.bpf.c Makefile $(O)/needs.ok
	$(say) CLANG-BPF $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c $< -o $@
	$(Q)llvm-strip -g $@ 2>/dev/null || true

define make_skeleton
	$(say) SKEL $@
	$(Q)mkdir -p $(@D)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf >$@
endef

# The library's own programs, as C: for both byte orders, see embed.c.
EMULATION := plain compare claim

$(O)/bpf/libbpf/%.bpfel.o $(O)/bpf/libbpf/%.bpfeb.o: libbpf/%.bpf.c Makefile $(O)/needs.ok
	$(say) CLANG-BPF $<
	$(Q)mkdir -p $(@D)
	$(Q)for order in bpfel bpfeb; do \
		$(CLANG) $(filter-out -g,$(subst -target bpf,-target $$order,$(BPF_CFLAGS))) \
			-MMD -MP -MT '$(@D)/$*.bpfel.o' -c $< -o $(@D)/$*.$$order.o || exit; \
	done

$(O)/embed: libbpf/embed.c
	$(say) HOSTCC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -O1 $< -o $@

$(O)/include/emulate.insns.h: $(O)/embed $(EMULATION:%=$(O)/bpf/libbpf/%.bpfel.o)
	$(say) EMBED $@
	$(Q)mkdir -p $(@D)
	$(Q)$(O)/embed $(O)/bpf/libbpf $(EMULATION) >$@

$(O)/obj/%.o: libbpf/%.c Makefile $(O)/needs.ok
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -fPIC -fvisibility=hidden -MMD -MP $(call version_defines) -c $< -o $@

version_defines = $(join -DCOMPARE_MAJOR= -DCOMPARE_MINOR= -DCOMPARE_PATCH=,$(subst ., ,$(VERSION)))

$(O)/obj/program.o: $(O)/include/emulate.insns.h

# One object, in which the names that our files share are nobody else's.
$(O)/obj/all.o: $(LIB_OBJS)
	$(Q)$(LD) -r -o $@ $^

$(O)/obj/libbpf-compare.o: $(O)/obj/all.o
	$(Q)$(OBJCOPY) --localize-hidden $< $@

$(STATIC): $(O)/obj/libbpf-compare.o
	$(say) AR $@
	$(Q)rm -f $@
	$(Q)$(AR) rcsD $@ $^

# Not to be unloaded: what is kept between calls would stay open and mapped with nobody to know it, and
# to let go of it then could pull it from under a call in another thread.
$(SHARED): $(LIB_OBJS) libbpf/libbpf-compare.map
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -o $@ $(LIB_OBJS) -Wl,-soname,$(SONAME) \
		-Wl,--version-script=libbpf/libbpf-compare.map -Wl,-z,defs -Wl,--no-undefined-version \
		-Wl,-z,nodelete \
		$(LIBBPF_LIBS)

$(O)/$(SONAME) $(O)/libbpf-compare.so: $(SHARED)
	$(Q)ln -sf $(<F) $@

$(STATIC_LIBBPF): $(O)/obj/libbpf-compare.o
	$(say) AR $@
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@
	$(Q)printf 'create %s\naddlib %s\naddmod %s\nsave\nend\n' $@ $(LIBBPF_ARCHIVE) $< | $(AR) -M

# What is marked LIBBPF_API, the version script, and what is exported must be one list.
$(O)/exports.ok: libbpf/check-exports.sh $(O)/obj/all.o $(SHARED) libbpf/libbpf-compare.map
	$(Q)libbpf/check-exports.sh $(O)/obj/all.o $(SHARED) libbpf/libbpf-compare.map
	$(Q)touch $@

-include $(wildcard $(O)/obj/*.d $(O)/bpf/*/*.d)

.PHONY: lib
