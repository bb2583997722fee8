# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# bpfcmpd, for those who cannot change the agent: $(O)/bpfcmpd. It reads conditions as bpfcmp does, by the same files.

DAEMON := $(O)/bpfcmpd
DAEMON_OBJS := $(patsubst examples/daemon/%.c,$(O)/daemon/%.o,$(wildcard examples/daemon/*.c)) \
	$(patsubst %,$(O)/tool/%.o,where fields operand data keywords map)

# Where `make daemon-install` puts them.
UNITDIR ?= $(PREFIX)/lib/systemd/system
DAEMON_PAGE := $(O)/man/man8/bpfcmpd.8
DAEMON_FILES := $(DAEMON):$(SBINDIR) $(O)/daemon/bpfcmpd.service:$(UNITDIR) $(DAEMON_PAGE):$(MANDIR)/man8

$(O)/daemon/%.o: examples/daemon/%.c Makefile $(O)/needs.ok
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -iquote tool -MMD -MP -c $< -o $@

$(DAEMON): $(DAEMON_OBJS) $(STATIC)
	$(say) LD $@
	$(Q)$(LINK) $^ $(LIBBPF_LIBS) -o $@

# Made anew each time, as nobody sees when SBINDIR is another.
$(O)/daemon/bpfcmpd.service: examples/daemon/bpfcmpd.service.in .FORCE
	$(Q)mkdir -p $(@D)
	$(Q)sed 's|@SBINDIR@|$(SBINDIR)|' $< >$@

$(eval $(call man_section,8,examples/daemon))
dist: $(DAEMON_PAGE)

-include $(wildcard $(O)/daemon/*.d)

daemon: $(DAEMON)

daemon-install: $(foreach file,$(DAEMON_FILES),$(firstword $(subst :, ,$(file))))

daemon-install daemon-uninstall: export DESTDIR := $(DESTDIR)
daemon-install daemon-uninstall:
	$(Q)packaging/install.sh $(@:daemon-%=%) $(DAEMON_FILES)

.PHONY: daemon daemon-install daemon-uninstall
