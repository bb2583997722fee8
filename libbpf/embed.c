// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * embed FOLDER NAME...: writes the BPF programs FOLDER/NAME.bpfel.o as C: the instructions of each, and
 * what is to be patched in them before they are loaded; embed --go FOLDER NAME... writes them as Go. Not part of the
 * library, but run where it is built.
 *
 * FOLDER/NAME.bpfeb.o is the same program for machines of the other byte order. Instructions that are
 * written as C have no byte order, so that one text serves both; that they are the same is checked here.
 */
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* linux/bpf.h's, which a machine that only builds need not have. */
#define LOAD_64	   0x18
#define CALL	   0x85
#define RELOC_64   1  /* of a LOAD_64: a symbol's address, or a function's */
#define RELOC_CALL 10 /* of a CALL */

struct object {
	const char *path;
	unsigned char *bytes;
	size_t size;
	bool big_endian;
	Elf64_Shdr text, relocs, symbols, names;
};

struct insn {
	unsigned int code, dst, src;
	int off, imm;
	const char *patch;
};

static void die(const char *path, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "error: %s: ", path);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static const unsigned char *at(const struct object *o, size_t offset, size_t size)
{
	if (size > o->size || offset > o->size - size)
		die(o->path, "cut off");
	return o->bytes + offset;
}

static unsigned long long number(const struct object *o, size_t offset, size_t size)
{
	const unsigned char *bytes = at(o, offset, size);
	unsigned long long n = 0;

	for (size_t i = 0; i < size; i++)
		n = n << 8 | bytes[o->big_endian ? i : size - 1 - i];
	return n;
}

#define FIELD(o, base, type, field)                                                                \
	number(o, (base) + offsetof(type, field), sizeof(((type *)0)->field))

static Elf64_Shdr section(const struct object *o, size_t index)
{
	size_t base = FIELD(o, 0, Elf64_Ehdr, e_shoff) + index * sizeof(Elf64_Shdr);

	return (Elf64_Shdr){
		.sh_name = FIELD(o, base, Elf64_Shdr, sh_name),
		.sh_type = FIELD(o, base, Elf64_Shdr, sh_type),
		.sh_offset = FIELD(o, base, Elf64_Shdr, sh_offset),
		.sh_size = FIELD(o, base, Elf64_Shdr, sh_size),
		.sh_link = FIELD(o, base, Elf64_Shdr, sh_link),
		.sh_info = FIELD(o, base, Elf64_Shdr, sh_info),
		.sh_flags = FIELD(o, base, Elf64_Shdr, sh_flags),
	};
}

static void read_object(struct object *o, const char *folder, const char *name, const char *order)
{
	size_t sections, texts = 0, size;
	char *path;
	FILE *file;

	size = strlen(folder) + strlen(name) + strlen(order) + sizeof("/..o");
	path = malloc(size);
	o->bytes = malloc(1 << 20);
	if (!path || !o->bytes)
		die(name, "out of memory");
	snprintf(path, size, "%s/%s.%s.o", folder, name, order);
	o->path = path;
	file = fopen(path, "rb");
	if (!file)
		die(path, "%s", strerror(errno));
	o->size = fread(o->bytes, 1, 1 << 20, file);
	fclose(file);
	if (memcmp(at(o, 0, EI_NIDENT), ELFMAG, SELFMAG) || o->bytes[EI_CLASS] != ELFCLASS64)
		die(path, "no 64-bit ELF object");
	o->big_endian = o->bytes[EI_DATA] == ELFDATA2MSB;
	sections = FIELD(o, 0, Elf64_Ehdr, e_shnum);
	for (size_t i = 0; i < sections; i++) {
		Elf64_Shdr s = section(o, i);

		if (s.sh_type == SHT_PROGBITS && s.sh_flags & SHF_EXECINSTR && s.sh_size) {
			o->text = s;
			texts++;
		} else if (s.sh_type == SHT_PROGBITS && s.sh_flags & SHF_ALLOC && s.sh_size) {
			die(path, "has data, which nobody would load");
		} else if (s.sh_type == SHT_REL && section(o, s.sh_info).sh_flags & SHF_EXECINSTR) {
			o->relocs = s;
		} else if (s.sh_type == SHT_SYMTAB) {
			o->symbols = s;
			o->names = section(o, s.sh_link);
		}
	}
	if (texts != 1)
		die(path, "has %zu sections with code, not one", texts);
}

static struct insn read_insn(const struct object *o, size_t i)
{
	size_t base = o->text.sh_offset + i * 8;
	unsigned int registers = number(o, base + 1, 1);

	return (struct insn){
		.code = number(o, base, 1),
		.dst = o->big_endian ? registers >> 4 : registers & 15,
		.src = o->big_endian ? registers & 15 : registers >> 4,
		.off = (short)number(o, base + 2, 2),
		.imm = (int)number(o, base + 4, 4),
	};
}

/* A symbol's name is what is to be put in its place, a function's address is our own business. */
static void relocate(const struct object *o, struct insn *insns, size_t count)
{
	for (size_t i = 0; i < o->relocs.sh_size / sizeof(Elf64_Rel); i++) {
		size_t base = o->relocs.sh_offset + i * sizeof(Elf64_Rel);
		size_t place = FIELD(o, base, Elf64_Rel, r_offset) / 8;
		unsigned long long info = FIELD(o, base, Elf64_Rel, r_info);
		size_t symbol = o->symbols.sh_offset + ELF64_R_SYM(info) * sizeof(Elf64_Sym);
		const char *name = (const char *)at(
			o, o->names.sh_offset + FIELD(o, symbol, Elf64_Sym, st_name), 1);
		bool defined = FIELD(o, symbol, Elf64_Sym, st_shndx) != SHN_UNDEF;
		struct insn *insn = insns + place;

		if (place >= count)
			die(o->path, "a relocation past the code");
		if (ELF64_R_TYPE(info) == RELOC_64 && insn->code == LOAD_64) {
			insn->patch = defined ? "callback" : name;
			if (defined)
				insn->imm = (FIELD(o, symbol, Elf64_Sym, st_value) + insn->imm) / 8;
			if (defined && insn->imm <= 0)
				die(o->path, "the callback comes first, and not what is run");
		} else if (ELF64_R_TYPE(info) == RELOC_CALL && insn->code == CALL && !defined) {
			insn->patch = name;
		} else {
			die(o->path, "cannot relocate instruction %zu, of %s", place, name);
		}
	}
}

/* Where functions start, as the kernel wants to be told. */
static void print_starts(const struct object *o)
{
	size_t symbols = o->symbols.sh_size / sizeof(Elf64_Sym);
	bool first = true;

	for (size_t start = 0; start < o->text.sh_size; start += 8)
		for (size_t i = 0; i < symbols; i++) {
			size_t symbol = o->symbols.sh_offset + i * sizeof(Elf64_Sym);

			if (ELF64_ST_TYPE(FIELD(o, symbol, Elf64_Sym, st_info)) == STT_FUNC &&
			    FIELD(o, symbol, Elf64_Sym, st_value) == start) {
				printf("%s%zu", first ? "" : ", ", start / 8);
				first = false;
				break;
			}
		}
}

static void print_c(const struct object *o, const char *name, const struct insn *insns,
		    size_t count)
{
	printf("static const struct bpf_insn %s_insns[] = {\n", name);
	for (size_t i = 0; i < count; i++)
		printf("\t{ 0x%02x, %u, %u, %d, %d },\n", insns[i].code, insns[i].dst, insns[i].src,
		       insns[i].off, insns[i].imm);
	printf("};\n\nstatic const struct patch %s_patches[] = {\n", name);
	for (size_t i = 0; i < count; i++)
		if (insns[i].patch)
			printf("\t{ %zu, PATCH_%s },\n", i, insns[i].patch);
	printf("};\n\nstatic const __u32 %s_starts[] = { ", name);
	print_starts(o);
	printf(", };\n\n");
}

/* As gofmt lays it out. */
static void print_go(const struct object *o, const char *name, const struct insn *insns,
		     size_t count)
{
	printf("\nvar %sProgram = compiled{\n\tname: \"compare_%s\",\n\tinsns: []insn{\n", name,
	       name);
	for (size_t i = 0; i < count; i++)
		printf("\t\t{0x%02x, %u, %u, %d, %d},\n", insns[i].code, insns[i].dst, insns[i].src,
		       insns[i].off, insns[i].imm);
	printf("\t},\n\tpatches: []patch{\n");
	for (size_t i = 0; i < count; i++)
		if (insns[i].patch)
			printf("\t\t{%zu, \"%s\"},\n", i, insns[i].patch);
	printf("\t},\n\tstarts: []int{");
	print_starts(o);
	printf("},\n}\n");
}

static struct insn *read_insns(const struct object *o, size_t *count)
{
	struct insn *insns;

	*count = o->text.sh_size / 8;
	insns = calloc(*count, sizeof(*insns));
	if (!insns)
		die(o->path, "out of memory");
	for (size_t i = 0; i < *count; i++)
		insns[i] = read_insn(o, i);
	relocate(o, insns, *count);
	return insns;
}

static bool same(const struct insn *a, const struct insn *b)
{
	return a->code == b->code && a->dst == b->dst && a->src == b->src && a->off == b->off &&
	       a->imm == b->imm && !a->patch == !b->patch &&
	       (!a->patch || !strcmp(a->patch, b->patch));
}

typedef void print_fn(const struct object *o, const char *name, const struct insn *insns,
		      size_t count);

static void embed(const char *folder, const char *name, print_fn *print)
{
	struct object little = { 0 }, big = { 0 };
	struct insn *insns, *others;
	size_t count, others_count;

	read_object(&little, folder, name, "bpfel");
	read_object(&big, folder, name, "bpfeb");
	insns = read_insns(&little, &count);
	others = read_insns(&big, &others_count);
	if (count != others_count)
		die(big.path, "is not the same program as %s", little.path);
	for (size_t i = 0; i < count; i++)
		if (!same(insns + i, others + i))
			die(big.path, "instruction %zu is not that of %s", i, little.path);

	print(&little, name, insns, count);
}

int main(int argc, char **argv)
{
	bool go = argc > 1 && !strcmp(argv[1], "--go");

	argc -= go;
	argv += go;
	if (argc < 3) {
		fprintf(stderr, "usage: embed [--go] FOLDER NAME...\n");
		return 2;
	}
	if (go)
		printf("// Code generated by libbpf/embed.c. DO NOT EDIT.\n\n"
		       "// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)\n\n"
		       "//go:build !cgo || purego\n\npackage emulation\n");
	else
		printf("/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */\n\n"
		       "/* The BPF programs of the emulation, written by libbpf/embed.c. */\n\n");
	for (int i = 2; i < argc; i++)
		embed(argv[1], argv[i], go ? print_go : print_c);
	return ferror(stdout) || fclose(stdout);
}
