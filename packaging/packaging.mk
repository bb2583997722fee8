# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The library for those who use it: vendored.

# As a delete passes them.
READING_ORDER := $(patsubst %,libbpf/%.c,delete batch opts claim map native emulate kept loader lock \
	verifier scratch probe)
VENDOR_SRCS = $(filter $(LIB_SRCS),$(READING_ORDER)) $(filter-out $(READING_ORDER),$(LIB_SRCS))

vendor: export DEST := $(DEST)
vendor: $(O)/include/emulate.skel.h
	$(Q)packaging/vendor.sh $(VERSION) $< $(VENDOR_SRCS)

.PHONY: vendor
