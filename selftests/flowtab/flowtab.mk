# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The tests of flow tables in an arena: programs that print TAP, and once more without shared libraries.

FLOWTAB_TESTS := $(patsubst %.c,$(O)/%,$(filter-out %.bpf.c,$(wildcard selftests/flowtab/test_*.c)) selftests/flowtab/fill.c)
FLOWTAB_STATIC_TESTS := $(patsubst $(O)/selftests/flowtab/%,$(O)/selftests/static/%,$(filter $(O)/selftests/flowtab/test_%,$(FLOWTAB_TESTS)))

$(O)/bpf/selftests/flowtab/%.o: BPF_CFLAGS += -Iflowtab/include

$(O)/include/%.skel.h: $(O)/bpf/selftests/flowtab/%.o
	$(make_skeleton)

$(O)/selftests/flowtab/%.o: selftests/flowtab/%.c $(O)/needs.ok
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -Iflowtab/include -Iselftests -MMD -MP -c $< -o $@

$(patsubst %,$(O)/selftests/flowtab/%.o,test_flowtab test_flowtab_trust test_flowtab_faults test_flowtab_access fill): $(O)/include/flowtab.skel.h
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

# What the library calls can be made to fail there, and its clock be late.
FLOWTAB_FAULTS := $(FAULTS) clock_gettime bpf_map_create bpf_obj_get_info_by_fd
$(O)/selftests/flowtab/test_flowtab_faults $(O)/selftests/static/test_flowtab_faults: \
	TEST_LIBS += $(FLOWTAB_FAULTS:%=-Wl,--wrap=%)

$(FLOWTAB_TESTS): $(O)/selftests/flowtab/%: $(O)/selftests/flowtab/%.o $(FLOWTAB_STATIC)
	$(say) LD $@
	$(Q)$(LINK) $^ $(LIBBPF_LIBS) $(TEST_LIBS) -o $@

$(FLOWTAB_STATIC_TESTS): $(O)/selftests/static/%: $(O)/selftests/flowtab/%.o $(FLOWTAB_STATIC) $(STATIC_LIBBPF)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) -static $^ $(TEST_LIBS) -o $@

flowtab-tests: $(FLOWTAB_TESTS)
static-tests: $(FLOWTAB_STATIC_TESTS)

-include $(wildcard $(O)/selftests/flowtab/*.d $(O)/bpf/selftests/flowtab/*.d)

.PHONY: flowtab-tests
