# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The tests of flow tables in an arena: programs that print TAP, and once more without shared libraries.

FLOWTAB_TESTS := $(patsubst %.c,$(O)/%,$(filter-out %.bpf.c,$(wildcard selftests/flowtab/test_*.c)) selftests/flowtab/fill.c)
FLOWTAB_STATIC_TESTS := $(patsubst $(O)/selftests/flowtab/%,$(O)/selftests/static/%,$(filter $(O)/selftests/flowtab/test_%,$(FLOWTAB_TESTS)))

FLOWTAB_SHAPES := plain8 plain16 pairs8 pairs16 odd8
# On the header as it is, and on one in which each rule can be taken out.
FLOWTAB_RACES := races_1 races_2 hooked_races_1 hooked_races_2

$(O)/bpf/selftests/flowtab/%.o: BPF_CFLAGS += -Iflowtab/include
$(O)/bpf/selftests/flowtab/hooked_%.o: BPF_CFLAGS := -I$(O)/include/hooked $(BPF_CFLAGS)

# What has an arena has one: so there is an object for each table.
$(FLOWTAB_SHAPES:%=$(O)/bpf/selftests/flowtab/flowtab_%.o): $(O)/bpf/selftests/flowtab/flowtab_%.o: \
		selftests/flowtab/flowtab.bpf.c Makefile $(O)/needs.ok
	$(say) CLANG-BPF $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -target $(BPF_TARGET) $(BPF_CFLAGS) -DFLOWTAB_SHAPE=FLOWTAB_$* -MMD -MP -c $< -o $@

$(FLOWTAB_RACES:%=$(O)/bpf/selftests/flowtab/%.o): selftests/flowtab/races.bpf.c Makefile $(O)/needs.ok
	$(say) CLANG-BPF $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -target $(BPF_TARGET) $(BPF_CFLAGS) -DKEYS=$(lastword $(subst _, ,$(basename $(@F)))) -MMD -MP -c $< -o $@

$(O)/bpf/selftests/flowtab/hooked_races_1.o $(O)/bpf/selftests/flowtab/hooked_races_2.o: \
	$(addprefix $(O)/include/hooked/bpf/,bpf_flowtab.h bpf_flowtab.bpf.h)

$(O)/include/hooked/bpf/bpf_flowtab.h: $(O)/include/hooked/%: flowtab/include/%
	$(Q)install -D -m 644 $< $@

FLOWTAB_HEADERS := $(patsubst %,flowtab/include/bpf/%.bpf.h,bpf_flowtab_visit bpf_flowtab_create bpf_flowtab)
$(O)/include/hooked/bpf/bpf_flowtab.bpf.h: $(FLOWTAB_HEADERS) selftests/flowtab/hooks.sh
	$(Q)mkdir -p $(@D)
	$(Q)selftests/flowtab/hooks.sh $(FLOWTAB_HEADERS) >$@.new
	$(Q)mv $@.new $@

$(O)/include/%.skel.h: $(O)/bpf/selftests/flowtab/%.o
	$(make_skeleton)

$(O)/selftests/flowtab/%.o: selftests/flowtab/%.c $(O)/needs.ok
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -Iflowtab/include -Iselftests -MMD -MP -c $< -o $@

$(patsubst %,$(O)/selftests/flowtab/%.o,test_flowtab test_flowtab_trust test_flowtab_faults test_flowtab_access fill): \
	$(FLOWTAB_SHAPES:%=$(O)/include/flowtab_%.skel.h)
$(patsubst %,$(O)/selftests/flowtab/test_flowtab_%.o,races twins): $(FLOWTAB_RACES:%=$(O)/include/%.skel.h)

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
