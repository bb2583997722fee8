# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# bpfcmp, for the shell: $(O)/bpfcmp. It holds this library and needs libbpf.so.1.

BPFCMP := $(O)/bpfcmp
BPFCMP_COMPLETION := tool/bash-completion/bpfcmp
BPFCMP_OBJS := $(patsubst tool/%.c,$(O)/tool/%.o,$(wildcard tool/*.c))

# Static patterns: of all the rules for objects, these.
$(BPFCMP_OBJS): $(O)/tool/%.o: tool/%.c Makefile $(O)/needs.ok
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -MMD -MP -c $< -o $@

# Whether the kernel has what the flow table takes, probe asks that.
$(O)/tool/probe.o: private CPPFLAGS += -Iflowtab/include

$(BPFCMP): $(BPFCMP_OBJS) $(STATIC) $(FLOWTAB_STATIC)
	$(say) LD $@
	$(Q)$(LINK) $^ $(LIBBPF_LIBS) -o $@

# Where `make install` puts them.
SBINDIR ?= $(PREFIX)/sbin
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
INSTALL_FILES += $(BPFCMP):$(SBINDIR) $(BPFCMP_COMPLETION):$(COMPLETIONDIR)

-include $(wildcard $(O)/tool/*.d)

tool: $(BPFCMP)
all: tool

.PHONY: tool
