# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The Rust crates. The bindings are generated and checked in: cargo runs neither make nor bindgen.

RUST_BINDINGS := rust/libbpf-compare-sys/src/bindings.rs
BINDGEN ?= bindgen
RUSTFMT ?= $(firstword $(wildcard /usr/bin/rustfmt) rustfmt)

rust-generate: rust-generated
	$(Q)cp $(O)/$(RUST_BINDINGS) $(RUST_BINDINGS)

# What the header has and nothing of what it includes. Its enums without a name get one of bindgen's, by a number
# that changes with the headers of the system.
rust-generated:
	$(Q)mkdir -p $(dir $(O)/$(RUST_BINDINGS))
	$(Q){ printf '%s\n' '// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)' \
			'// Generated from <bpf/bpf_compare.h>: make rust-generate' \
			'use super::{bpf_map, bpf_map_type};' && \
		$(BINDGEN) include/bpf/bpf_compare.h --disable-header-comment --no-rustfmt-bindings --no-doc-comments \
			--no-layout-tests --no-prepend-enum-name --size_t-is-usize \
			--allowlist-file '.*/bpf/bpf_compare\.h' --blocklist-type '(bpf_map|bpf_map_type|size_t)' \
			-- -Iinclude $(LIBBPF_CFLAGS) | \
		sed -e 's/pub type \(_bindgen_ty_[0-9]*\|__u[0-9]*\) = [^;]*;//g' -e 's/\<_bindgen_ty_[0-9]*\>/u32/g' \
			-e 's/\<__u\(8\|32\|64\)\>/u\1/g'; \
	} | $(RUSTFMT) --edition 2021 --config-path rust >$(O)/$(RUST_BINDINGS)

.PHONY: rust-generate rust-generated
