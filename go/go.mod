module example.org/libbpf-compare/go

go 1.19
