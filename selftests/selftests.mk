# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The selftests: each test_*.c is a program that prints TAP, linked against build/static/libbpf.a
# as an application would be, and once more without shared libraries, for the test kernels.

TESTS := $(patsubst selftests/%.c,$(O)/selftests/%,$(filter-out %.bpf.c,$(wildcard selftests/test_*.c)))
STATIC_TESTS := $(TESTS:$(O)/selftests/%=$(O)/selftests/static/%)
# What is run on the test kernels alone, and what that uses.
VM_TESTS := $(patsubst selftests/vm/%,$(O)/selftests/static/%,$(basename $(wildcard selftests/vm/test_*.c)) \
	$(wildcard selftests/vm/test_*.sh))
VM_FILES := $(addprefix $(O)/selftests/static/,bench bpfcmp tap.sh)
TEST_LIBS := -lelf -lz -lpthread

$(O)/selftests/%.o: selftests/%.c $(O)/needs.ok
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -Iselftests -MMD -MP -c $< -o $@

$(O)/selftests/test_fields.o $(O)/selftests/test_map_types.o: $(O)/include/test_fields.skel.h
$(patsubst %,$(O)/selftests/test_%.o,races claims collectors linked_races datapath_races): $(O)/include/test_races.skel.h
$(O)/selftests/test_sweep_races.o: $(O)/include/test_races.skel.h $(O)/include/test_sweep_races.skel.h
$(O)/selftests/test_linked_steps.o: $(O)/include/test_linked_steps.skel.h
$(patsubst %,$(O)/selftests/test_%.o,claim faults): $(O)/include/test_claim.skel.h
$(O)/selftests/test_datapath.o: $(O)/include/test_datapath.skel.h $(O)/include/test_names.skel.h
$(patsubst %,$(O)/selftests/test_%.o,update update_races update_recycled update_faults): $(O)/include/test_update.skel.h
$(O)/selftests/test_standing.o: $(O)/include/test_standing.skel.h

$(O)/include/%.skel.h: $(O)/bpf/selftests/%.o
	$(make_skeleton)

# A run of the program can be made to fail there.
$(O)/selftests/test_batch $(O)/selftests/static/test_batch: \
	TEST_LIBS += -Wl,--wrap=bpf_prog_test_run_opts

# What the library takes of the kernel can be taken from it there.
$(O)/selftests/test_standing $(O)/selftests/static/test_standing: \
	TEST_LIBS += -Wl,--wrap=open -Wl,--wrap=syscall

# So can every system call and allocation there, or something happen in between.
FAULTS := syscall malloc calloc realloc strdup free mmap mmap64 madvise fcntl fcntl64 open open64 getrandom
$(foreach test,test_faults test_update_faults test_swapped test_waiting,$(O)/selftests/$(test) $(O)/selftests/static/$(test)): \
	TEST_LIBS += $(FAULTS:%=-Wl,--wrap=%)

$(TESTS): $(O)/selftests/%: $(O)/selftests/%.o $(STATIC_LIBBPF)
	$(say) LD $@
	$(Q)$(LINK) $< $(STATIC_LIBBPF) $(TEST_LIBS) -o $@

$(STATIC_TESTS): $(O)/selftests/static/%: $(O)/selftests/%.o $(STATIC_LIBBPF)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) -static $< $(STATIC_LIBBPF) $(TEST_LIBS) -o $@

-include $(wildcard $(O)/selftests/*.d)

tests: $(TESTS)

$(filter-out %.sh,$(VM_TESTS)): $(O)/selftests/static/%: selftests/vm/%.c $(STATIC_LIBBPF)
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) $(LDFLAGS) -Iselftests -static $< $(STATIC_LIBBPF) $(TEST_LIBS) -o $@

$(O)/selftests/static/%.sh: selftests/vm/%.sh
	$(Q)install -D $< $@

$(O)/selftests/static/tap.sh: selftests/tap.sh
	$(Q)install -D $< $@

$(O)/selftests/static/bpfcmp: $(BPFCMP_OBJS) $(STATIC_LIBBPF) $(FLOWTAB_STATIC)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) -static $^ -lelf -lz -o $@

static-tests: $(STATIC_TESTS) $(VM_TESTS) $(VM_FILES)

.PHONY: tests static-tests

# The README's command, and the part of it that takes no other kernel.
check: deps
	$(Q)MAKE='$(MAKE)' O=$(O) selftests/check.sh

check-host:
	$(call install_needs,libbpf selftests selftests/demo selftests/conntrack)
	$(Q)MAKE='$(MAKE)' O=$(O) selftests/check.sh host

# The same tests, slowly, with a tool in between.
check-san: deps
	$(Q)MAKE='$(MAKE)' O=$(O) selftests/check.sh sanitizers threads

check-valgrind:
	$(call install_needs,libbpf selftests selftests/valgrind)
	$(Q)MAKE='$(MAKE)' O=$(O) selftests/check.sh memory

coverage:
	$(call install_needs,libbpf selftests selftests/coverage)
	$(Q)MAKE='$(MAKE)' O=$(O) selftests/check.sh coverage

# One test on one of the kernels of selftests/vm/rows.txt; CONSOLE=1 leaves a shell there afterwards.
KERNEL ?= 6.1-compare
TEST ?= test_contract
vm:
	$(call install_needs,libbpf selftests selftests/vm)
	$(Q)$(MAKE) --no-print-directory $(O)/selftests/static/$(TEST) $(VM_FILES)
	$(Q)selftests/vm/matrix.sh $(if $(CONSOLE),-i) -k $(KERNEL) -e SLOW_MACHINE=1 -- \
		$(O)/selftests/static/$(TEST) $(VM_FILES)

.PHONY: check check-host check-san check-valgrind coverage vm
