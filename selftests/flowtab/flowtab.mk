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
$(patsubst %,$(O)/selftests/flowtab/test_flowtab_%.o,races twins): $(O)/include/races.skel.h $(O)/include/hooked_races.skel.h

# The races' programs once more, on a header in which each rule can be taken out.
$(O)/include/hooked/bpf/bpf_flowtab.h: $(O)/include/hooked/%: flowtab/include/%
	$(Q)install -D -m 644 $< $@

$(O)/include/hooked/bpf/bpf_flowtab.bpf.h: flowtab/include/bpf/bpf_flowtab.bpf.h selftests/flowtab/hooks.sh
	$(Q)mkdir -p $(@D)
	$(Q)selftests/flowtab/hooks.sh <$< >$@.new
	$(Q)mv $@.new $@

$(O)/bpf/selftests/flowtab/hooked_races.o: selftests/flowtab/races.bpf.c \
		$(addprefix $(O)/include/hooked/bpf/,bpf_flowtab.h bpf_flowtab.bpf.h)
	$(say) CLANG-BPF $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -target $(BPF_TARGET) -I$(O)/include/hooked $(BPF_CFLAGS) -MMD -MP -c $< -o $@

$(FLOWTAB_TESTS): $(O)/selftests/flowtab/%: $(O)/selftests/flowtab/%.o $(FLOWTAB_STATIC)
	$(say) LD $@
	$(Q)$(LINK) $^ $(LIBBPF_LIBS) -lpthread -o $@

flowtab-tests: $(FLOWTAB_TESTS)

-include $(wildcard $(O)/selftests/flowtab/*.d $(O)/bpf/selftests/flowtab/*.d)

.PHONY: flowtab-tests
