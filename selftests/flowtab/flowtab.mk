# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The tests of flow tables in an arena: programs that print TAP, and once more without shared libraries.

FLOWTAB_TESTS := $(patsubst %.c,$(O)/%,$(filter-out %.bpf.c,$(wildcard selftests/flowtab/test_*.c)) selftests/flowtab/fill.c)

$(O)/bpf/selftests/flowtab/%.o: BPF_CFLAGS += -Iflowtab/include

$(O)/include/%.skel.h: $(O)/bpf/selftests/flowtab/%.o
	$(make_skeleton)

$(O)/selftests/flowtab/%.o: selftests/flowtab/%.c $(O)/needs.ok
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -Iflowtab/include -Iselftests -MMD -MP -c $< -o $@

$(O)/selftests/flowtab/test_flowtab.o $(O)/selftests/flowtab/fill.o: $(O)/include/flowtab.skel.h

$(FLOWTAB_TESTS): $(O)/selftests/flowtab/%: $(O)/selftests/flowtab/%.o $(FLOWTAB_STATIC)
	$(say) LD $@
	$(Q)$(LINK) $^ $(LIBBPF_LIBS) -lpthread -o $@

flowtab-tests: $(FLOWTAB_TESTS)

-include $(wildcard $(O)/selftests/flowtab/*.d $(O)/bpf/selftests/flowtab/*.d)

.PHONY: flowtab-tests
