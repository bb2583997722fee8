# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The demo, $(O)/demo: one program that holds its datapath program and the library.

DEMO_DIR := $(O)/selftests/demo
DEMO_SRCS := $(filter-out %.bpf.c,$(wildcard selftests/demo/*.c))
DEMO_OBJS := $(DEMO_SRCS:selftests/demo/%.c=$(DEMO_DIR)/%.o)

$(O)/include/%.skel.h: $(O)/bpf/selftests/demo/%.o
	$(make_skeleton)

# Static patterns: of all the rules for objects, these.
$(DEMO_OBJS): $(DEMO_DIR)/%.o: selftests/demo/%.c Makefile $(O)/needs.ok
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -MMD -MP -c $< -o $@

$(DEMO_DIR)/datapath.o: $(O)/include/demo.skel.h $(O)/include/arena.skel.h
$(DEMO_OBJS): private CPPFLAGS += -Iflowtab/include
$(O)/bpf/selftests/demo/%.o: BPF_CFLAGS += -Iflowtab/include

$(O)/demo: $(DEMO_OBJS) $(STATIC) $(FLOWTAB_STATIC)
	$(say) LD $@
	$(Q)$(LINK) $^ $(LIBBPF_LIBS) -lpthread -o $@

demo:
	$(call install_needs,libbpf selftests/demo)
	$(Q)$(MAKE) --no-print-directory $(O)/demo
	$(Q)$(O)/demo $(ARGS)

.PHONY: demo

-include $(wildcard $(DEMO_DIR)/*.d $(O)/bpf/selftests/demo/*.d)
