# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The fuzzer's targets: the library once more, with clang's coverage and sanitizers in it.

FUZZ_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZERS := $(addprefix $(O)/fuzz_,opts sweep update entries)

fuzz:
	$(Q)$(MAKE) --no-print-directory O=$(O)/fuzz CC='$(CLANG)' \
		CFLAGS='-O1 -g -fsanitize=fuzzer-no-link $(FUZZ_FLAGS)' $(FUZZERS:$(O)/%=$(O)/fuzz/%)

$(O)/fuzz_opts: selftests/fuzz/fuzz_opts.c selftests/fuzz/model.c
$(O)/fuzz_sweep: selftests/fuzz/fuzz_sweep.c selftests/fuzz/sweep_model.c selftests/sweeps.h
$(O)/fuzz_update: selftests/fuzz/fuzz_update.c selftests/fuzz/update_model.c
# Of bpfcmp all but its main().
$(O)/fuzz_entries: selftests/fuzz/fuzz_entries.c $(filter-out $(O)/tool/main.o,$(BPFCMP_OBJS)) \
	$(FLOWTAB_OBJS)
$(FUZZERS): $(wildcard selftests/fuzz/*.h) $(STATIC_LIBBPF)
	$(say) CC $@
	$(Q)$(COMPILE) $(LDFLAGS) -fsanitize=fuzzer $(filter %.c %.o,$^) $(STATIC_LIBBPF) $(TEST_LIBS) -o $@

.PHONY: fuzz
