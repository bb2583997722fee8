# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The connection tracker, $(O)/conntrack: one program that holds its datapath and the library.

CONNTRACK_DIR := $(O)/selftests/conntrack
CONNTRACK_SRCS := $(filter-out %.bpf.c,$(wildcard selftests/conntrack/*.c))
CONNTRACK_OBJS := $(CONNTRACK_SRCS:selftests/conntrack/%.c=$(CONNTRACK_DIR)/%.o)

$(O)/include/%.skel.h: $(O)/bpf/selftests/conntrack/%.o
	$(make_skeleton)

$(CONNTRACK_OBJS): $(CONNTRACK_DIR)/%.o: selftests/conntrack/%.c Makefile $(O)/needs.ok
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -MMD -MP -c $< -o $@

$(CONNTRACK_DIR)/conntrack.o: $(O)/include/conntrack.skel.h

$(O)/conntrack: $(CONNTRACK_OBJS) $(STATIC)
	$(say) LD $@
	$(Q)$(LINK) $^ $(LIBBPF_LIBS) -lpthread -o $@

conntrack:
	$(call install_needs,libbpf selftests/conntrack)
	$(Q)$(MAKE) --no-print-directory $(O)/conntrack
	$(Q)$(O)/conntrack $(ARGS)

.PHONY: conntrack

-include $(wildcard $(CONNTRACK_DIR)/*.d $(O)/bpf/selftests/conntrack/*.d)
