# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

# The demo: $(O)/demo. Included by the top Makefile, which sets O, CC, CFLAGS,
# CLANG, BPF_CFLAGS and BPFTOOL.

DEMO_SRC := selftests/demo
DEMO_OBJ := $(O)/selftests/demo
DEMO_OBJS := $(addprefix $(DEMO_OBJ)/,demo.o net.o flows.o collect.o report.o)

$(DEMO_OBJ):
	mkdir -p $@

$(DEMO_OBJ)/demo.bpf.o: $(DEMO_SRC)/demo.bpf.c $(DEMO_SRC)/demo.h | $(DEMO_OBJ)
	$(CLANG) $(BPF_CFLAGS) -c $< -o $@

$(DEMO_OBJ)/demo.skel.h: $(DEMO_OBJ)/demo.bpf.o
	$(BPFTOOL) gen skeleton $< name demo_bpf > $@.tmp
	mv $@.tmp $@

$(DEMO_OBJ)/demo.o: $(DEMO_OBJ)/demo.skel.h

$(DEMO_OBJ)/%.o: $(DEMO_SRC)/%.c $(wildcard $(DEMO_SRC)/*.h) include/bpf/bpf_compare.h | $(DEMO_OBJ)
	$(CC) $(CFLAGS) -I$(DEMO_OBJ) -c $< -o $@

$(O)/demo: $(DEMO_OBJS) $(O)/static/libbpf.a
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -lelf -lz -lpthread -o $@
