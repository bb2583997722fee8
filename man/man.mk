# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The manual pages, in $(O)/man as man(1) wants them: `man -M $(O)/man bpf_compare`. Their date is
# today's, or that of SOURCE_DATE_EPOCH.

SCDOC ?= scdoc

# Names that have no page of their own, and the page that is shown for them.
MAN_LINKS := \
	bpf_map__delete_elem_opts.3:bpf_map_delete_elem_opts.3 \
	$(patsubst %,bpf_map_comparer__%.3:bpf_map_comparer__open.3,\
		delete delete_batch guarantee close) \
	bpf_map_claims_clear.3:bpf_map_claim_take.3 \
	bpf_map_sweep_timed.3:bpf_map_sweep.3 \
	bpf_map__update_elem_opts.3:bpf_map_update_elem_opts.3 \
	bpf_map_update_batch_opts.3:bpf_map_update_elem_opts.3 \
	libbpf_compare_major_version.3:libbpf_compare_version_string.3 \
	libbpf_compare_minor_version.3:libbpf_compare_version_string.3 \
	$(patsubst %,%.7:bpf_compare.7,bpf_compare.h bpf_compare.bpf.h) \
	$(patsubst %,%.7:bpf_flowtab.7,bpf_flowtab.h bpf_flowtab.bpf.h) \
	bpf_compare_refresh_stamped.3:bpf_compare.7 \
	$(foreach what,store store_keyed is_ahead refresh refresh_at refresh_keyed refresh_locked create \
		delete remove is_claimed,$(patsubst %,bpf_compare_$(what)%.3:bpf_compare.7,32 64))

# page.3 -> man3/page.3
in_section = $(foreach page,$(1),man$(subst .,,$(suffix $(page)))/$(page))
link_name = $(firstword $(subst :, ,$(1)))
link_target = $(lastword $(subst :, ,$(1)))

# All that is to be installed: the pages, and the links.
MAN_PAGES := $(addprefix $(O)/man/,\
	$(call in_section,$(patsubst man/%.scd,%,$(wildcard man/*.scd))) \
	$(call in_section,$(foreach link,$(MAN_LINKS),$(call link_name,$(link)))))

# Of a section, with a first line that asks for tbl where there are tables, from the sources in a folder. Or they are there, in a tarball of `make dist`.
ifneq ($(wildcard prebuilt/man),)
define man_section
$(O)/man/man$(1)/%.$(1): prebuilt/man/man$(1)/%.$(1)
	$$(Q)mkdir -p $$(@D)
	$$(Q)cp $$< $$@
endef
else
define man_section
$(O)/man/man$(1)/%.$(1): $(2)/%.$(1).scd
	$$(say) SCDOC $$<
	$$(Q)mkdir -p $$(@D)
	$$(Q)command -v $$(SCDOC) >/dev/null || \
		{ echo "error: $$(SCDOC) not found (Debian package: scdoc)" >&2; exit 1; }
	$$(Q){ ! grep -q '^\[\[' $$< || echo "'\\\" t"; $$(SCDOC) <$$<; } >$$@
endef
endif

define man_link
$(O)/man/$(call in_section,$(call link_name,$(1))): man/man.mk
	$$(Q)mkdir -p $$(@D)
	$$(Q)echo '.so $(call in_section,$(call link_target,$(1)))' >$$@
endef

$(foreach section,1 3 7 8,$(eval $(call man_section,$(section),man)))
$(foreach link,$(MAN_LINKS),$(eval $(call man_link,$(link))))

man: $(MAN_PAGES)

.PHONY: man
