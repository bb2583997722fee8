# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The manual pages, $(O)/man/*.7. Their date is today's, or that of SOURCE_DATE_EPOCH.

SCDOC ?= scdoc
MAN_PAGES := $(patsubst man/%.scd,$(O)/man/%,$(wildcard man/*.scd))

$(O)/man/%: man/%.scd
	$(say) SCDOC $<
	$(Q)mkdir -p $(@D)
	$(Q)command -v $(SCDOC) >/dev/null || \
		{ echo "error: $(SCDOC) not found (Debian package: scdoc)" >&2; exit 1; }
	$(Q)$(SCDOC) <$< >$@

man: $(MAN_PAGES)

.PHONY: man
