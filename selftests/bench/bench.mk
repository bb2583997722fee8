# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The benchmark, $(O)/bench/bench, and what it found: $(O)/bench/results.json and the charts. The
# program is also linked without shared libraries, for the test kernels. Beside it $(O)/bench/refresh,
# which times the datapath's half, $(O)/bench/first, which times first calls, $(O)/bench/linked, linked
# entries and values, $(O)/bench/update, counters that are read and cleared, $(O)/bench/sweep, whole
# collections, and $(O)/bench/tables, flow tables in an arena.

BENCH_DIR := $(O)/bench
BENCH_SRCS := $(filter-out %.bpf.c %/refresh.c %/veth.c %/first.c %/linked.c %/sweep.c %/update.c %/tables.c,$(wildcard selftests/bench/*.c))
BENCH_OBJS := $(BENCH_SRCS:selftests/bench/%.c=$(BENCH_DIR)/%.o)

$(O)/include/%.skel.h: $(O)/bpf/selftests/bench/%.o
	$(make_skeleton)

$(BENCH_DIR)/refresh.o: $(O)/include/refresh.skel.h
$(BENCH_DIR)/update.o: $(O)/include/test_update.skel.h
$(BENCH_DIR)/tables.o: $(O)/include/tables8.skel.h $(O)/include/tables16.skel.h
$(BENCH_DIR)/tables.o: private CPPFLAGS += -Iflowtab/include
$(O)/bpf/selftests/bench/tables8.o $(O)/bpf/selftests/bench/tables16.o: BPF_CFLAGS += -Iflowtab/include

# Static patterns: of all the rules for objects, these.
$(BENCH_OBJS) $(BENCH_DIR)/refresh.o $(BENCH_DIR)/veth.o $(BENCH_DIR)/first.o $(BENCH_DIR)/linked.o $(BENCH_DIR)/sweep.o $(BENCH_DIR)/update.o $(BENCH_DIR)/tables.o: $(BENCH_DIR)/%.o: selftests/bench/%.c Makefile $(O)/needs.ok
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -MMD -MP -c $< -o $@

$(BENCH_DIR)/bench: $(BENCH_OBJS) $(STATIC)
	$(say) LD $@
	$(Q)$(LINK) $^ $(LIBBPF_LIBS) -lpthread -o $@

$(O)/selftests/static/bench: $(BENCH_OBJS) $(STATIC_LIBBPF)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) -static $^ -lelf -lz -lpthread -o $@

$(BENCH_DIR)/refresh: $(BENCH_DIR)/refresh.o $(BENCH_DIR)/veth.o $(BENCH_DIR)/progress.o $(BENCH_DIR)/stats.o
	$(say) LD $@
	$(Q)$(LINK) $^ $(LIBBPF_LIBS) -o $@

$(BENCH_DIR)/first $(BENCH_DIR)/linked $(BENCH_DIR)/sweep $(BENCH_DIR)/update: $(BENCH_DIR)/%: $(BENCH_DIR)/%.o $(BENCH_DIR)/progress.o $(BENCH_DIR)/stats.o $(STATIC)
	$(say) LD $@
	$(Q)$(LINK) $^ $(LIBBPF_LIBS) -lpthread -o $@

$(BENCH_DIR)/tables: $(BENCH_DIR)/tables.o $(BENCH_DIR)/progress.o $(BENCH_DIR)/stats.o $(FLOWTAB_STATIC)
	$(say) LD $@
	$(Q)$(LINK) $^ $(LIBBPF_LIBS) -o $@

-include $(wildcard $(BENCH_DIR)/*.d $(O)/bpf/selftests/bench/*.d)

# BENCH_FLAGS: options, see $(BENCH_DIR)/bench --help.
bench:
	$(call install_needs,libbpf selftests/bench)
	$(Q)$(MAKE) --no-print-directory $(BENCH_DIR)/bench $(BENCH_DIR)/refresh $(BENCH_DIR)/first \
		$(BENCH_DIR)/linked $(BENCH_DIR)/sweep $(BENCH_DIR)/update $(BENCH_DIR)/tables
	$(Q)$(BENCH_DIR)/bench --save $(BENCH_DIR)/results.json $(BENCH_FLAGS)
	$(Q)$(BENCH_DIR)/first
	$(Q)$(BENCH_DIR)/linked
	$(Q)$(BENCH_DIR)/update
	$(Q)$(BENCH_DIR)/sweep --save $(BENCH_DIR)/sweep.dat
	$(Q)$(BENCH_DIR)/refresh
	$(Q)$(BENCH_DIR)/tables
	$(Q)selftests/bench/charts.sh $(BENCH_DIR)/results.json $(BENCH_DIR) $(BENCH_DIR)/sweep.dat
	$(Q)ls $(BENCH_DIR)/results.json $(BENCH_DIR)/*.svg

# On one of the test kernels, in software emulation: for what this machine's kernel has not got.
bench-vm:
	$(call install_needs,libbpf selftests selftests/vm)
	$(Q)$(MAKE) --no-print-directory $(O)/selftests/static/test_bench.sh $(VM_FILES)
	$(Q)selftests/vm/matrix.sh -k $(KERNEL) -t 1800 \
		-e 'BENCH_FLAGS=$(or $(BENCH_FLAGS),--only base --rounds 5)' -- \
		$(O)/selftests/static/test_bench.sh $(VM_FILES)

.PHONY: bench bench-vm
