# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The Go package. What it takes of our C lies in go/, generated and checked in: the go command runs
# neither make nor clang.

GO_GENERATED := $(O)/go/generated
GO_PROGRAMS := internal/emulation/programs.go

go-generate: go-generated
	$(Q)cp -r $(GO_GENERATED)/* go/

# What is vendored, for go/ or to be compared with it. A Go package is one directory.
go-generated:
	$(Q)$(MAKE) --no-print-directory vendor DEST=$(O)/go/vendor >/dev/null
	$(Q)rm -rf $(GO_GENERATED) && mkdir -p $(GO_GENERATED)
	$(Q)cp $(O)/go/vendor/LICENSE* $(O)/go/vendor/bpf/bpf_compare.h $(GO_GENERATED)/
	$(Q)sed -e 's,"bpf/bpf_compare.h","bpf_compare.h",' \
		-e "1a // Its BPF program: $$($(CLANG) --version | head -n 1)\n//go:build cgo && !purego" \
		$(O)/go/vendor/libbpf_compare.c >$(GO_GENERATED)/libbpf_compare.c
	$(Q)mkdir -p $(dir $(GO_GENERATED)/$(GO_PROGRAMS))
	$(Q)$(O)/embed --go $(O)/bpf/libbpf $(EMULATION) | \
		sed "2a // Its BPF program: $$($(CLANG) --version | head -n 1)" \
		>$(GO_GENERATED)/$(GO_PROGRAMS)

# Debian has Go packages as GOPATH wants them; elsewhere what the agent takes beside the package comes as modules.
GOCODE ?= /usr/share/gocode/src
# Another one than it was made with, after `make go-module`.
GO_MODULE := $(shell sed -n 's/^module //p' go/go.mod)
GO_AGENT_PATH := $(abspath $(O))/go/path

go-agent:
	$(call install_needs,go)
	$(say) GO go/cmd/conntrack-gc
	$(Q)mkdir -p $(dir $(GO_AGENT_PATH)/src/$(GO_MODULE))
	$(Q)ln -sfn $(abspath go) $(GO_AGENT_PATH)/src/$(GO_MODULE)
	$(Q)export GOCACHE=$(abspath $(O))/go-cache && \
		if [ -d $(GOCODE)/github.com/prometheus/client_golang ]; then \
			GO111MODULE=off GOPATH=$(GO_AGENT_PATH):$(GOCODE:/src=) \
				go build -o $(abspath $(O))/go/ $(GO_MODULE)/cmd/conntrack-gc; \
		else \
			cd go/cmd/conntrack-gc && go build -mod=mod -o $(abspath $(O))/go/ .; \
		fi

.PHONY: go-generate go-generated go-agent
