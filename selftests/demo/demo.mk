# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The demo, $(O)/demo: one program that holds its datapath program and the library.

DEMO_DIR := $(O)/selftests/demo
DEMO_OBJS := $(patsubst selftests/demo/%.c,$(DEMO_DIR)/%.o,$(filter-out %.bpf.c,$(wildcard selftests/demo/*.c)))

$(DEMO_DIR)/demo.skel.h: $(DEMO_DIR)/demo.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name demo_bpf >$@

$(DEMO_OBJS): $(DEMO_DIR)/%.o: selftests/demo/%.c Makefile $(O)/needs.ok
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -I$(DEMO_DIR) -MMD -MP -c $< -o $@

$(DEMO_DIR)/demo.o: $(DEMO_DIR)/demo.skel.h

$(O)/demo: $(DEMO_OBJS) $(O)/static/libbpf.a
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -lelf -lz -lpthread -o $@

-include $(wildcard $(DEMO_DIR)/*.d)
