# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The races at length, at least 10^7 refreshes and 10^6 deletes with a claim, 10^8 and 10^7 of a flow table, and
# larger searches of the models. Prints a table. And 10^6 maps made, used and closed, which takes an hour.

RACES := $(O)/selftests/test_races $(O)/selftests/test_collectors \
	$(patsubst %,$(O)/selftests/flowtab/test_flowtab_%,races twins trust)
LIFE := $(O)/selftests/test_life

stress:
	$(call install_needs,libbpf selftests selftests/model)
	$(Q)$(MAKE) --no-print-directory $(RACES) $(LIFE)
	$(Q)STRESS=1 TIMEOUT=3600 selftests/run.sh -v $(RACES) selftests/model/test_model.sh
	$(Q)STRESS=1 TIMEOUT=7200 selftests/run.sh -v $(LIFE)

.PHONY: stress
