/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What bpfcmp's files know of one another.
 */
#ifndef BPFCMP_H
#define BPFCMP_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_compare.h>

/* What bpfcmp exits with; bpfcmp(8) documents these numbers. */
enum status {
	STATUS_OK = 0, /* of a delete: the entry is gone */
	STATUS_ERROR = 1,
	STATUS_USAGE = 2,
	STATUS_DIFFERS = 3,
	STATUS_ABSENT = 4,
	STATUS_UNSUPPORTED = 5,
	STATUS_DENIED = 6,
};

/* The commands. Their arguments end with NULL. */
enum status do_probe(char **argv);
enum status do_delete(char **argv);
enum status do_sweep(char **argv);
enum status do_count(char **argv);
enum status do_top(char **argv);
enum status do_claims(char **argv);
enum status do_update(char **argv);
enum status do_add(char **argv);
enum status do_set(char **argv);

/* help.c */
extern const char usage[], help[];
extern const char probe_help[], delete_help[], sweep_help[], count_help[], top_help[];
extern const char claims_help[], update_help[], add_help[], set_help[];

/* options.c */
struct options {
	bool help, version;
};

/* Takes them out of the words. */
enum status take_options(char **words, struct options *options);

/* interrupt.c */
void catch_interrupt(void);
bool is_interrupted(void);
/* As who sent it expects: it was caught. */
void end_interrupted(void);

/* output.c: answers as text or as JSON */
enum output_format {
	OUTPUT_TEXT,
	OUTPUT_JSON,
	OUTPUT_PRETTY_JSON
};

void set_output(enum output_format format);
bool output_is_json(void);
/* The word json, wherever it is: errors are to be JSON too. */
void set_output_by_words(char **words);
/* One value after the other; a name is given within an object alone, and NULL elsewhere. */
void json_open(const char *name, char bracket);
void json_close(char bracket);
void json_string(const char *name, const char *value);
void json_bool(const char *name, bool value);
void json_null(const char *name);
void json_number(const char *name, __u64 number);
/* As bpftool prints them: of JSON, and of text. */
void print_bytes(const char *before, const __u8 *bytes, size_t count);
void json_bytes(const char *name, const __u8 *bytes, size_t count);
/* What became of one entry. */
struct answer {
	const char *result; /* in JSON */
	const char *text;
	enum status status;
};

/* By the library's answer; done is the word for 0. */
struct answer answer_of(int err, const char *done);
/* Keeps why the library refused its last call, for what is said of that. */
void keep_reason(void);
/*
 * Says what went wrong, and the reason where there is one, and gives the status back. In JSON that is an
 * object, or part of the one that is open.
 */
enum status fail(enum status status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Writes what was printed by now; where that could not be, it need not go on. */
bool output_failed(void);
/* At the end: all is written, or that is said, and an error. */
enum status end_output(enum status status);
/* Says that an error came up while something was done. */
enum status fail_errno(int err, const char *doing, const char *what);

/* keywords.c: the keywords of a command */
struct keywords {
	const char *command; /* for messages */
	const char *const *words;
	__u32 count;
};

bool is_keyword(const char *word, const struct keywords *keywords);
/* The one at *words, which is then behind it; given has a bit for each that was there. */
enum status take_keyword(char ***words, const struct keywords *keywords, __u32 *given,
			 __u32 *keyword);
/* The word behind one, to be read when it is known what it may be; what names it, in messages, kind says what it is. */
enum status keep_word(char ***words, const char *what, const char *kind, const char **word);

/* data.c: bytes and numbers as they are typed */
struct bytes {
	__u8 *at;
	size_t count;
};

/* Digits and nothing else; a base of 0 is told by how they begin, as in C. */
bool read_number(const char *word, int base, unsigned long long max, unsigned long long *number);
/*
 * These say what is wrong themselves. what names the argument, in their messages. Data are the bytes up to the
 * next keyword, and *words is then there.
 */
enum status parse_data(char ***words, const struct keywords *keywords, const char *what,
		       struct bytes *bytes);
enum status parse_number(const char *word, const char *what, __u32 *number);
enum status parse_long_number(const char *word, const char *what, __u64 *number);
/* These as well; whose comes first in their messages. */
enum status check_count(const char *whose, const char *what, const struct bytes *bytes,
			size_t expected);
enum status check_region(const char *whose, __u32 offset, __u32 size,
			 const struct bpf_map_info *info);
/* From there on, all of the value. */
__u32 size_to_end(__u32 offset, const struct bpf_map_info *info);

/* map.c: MAP := id N | pinned FILE | name NAME */
#define MAP_WORDS 2
enum status check_map_words(char **words, const char *what);
/* An fd other than -1 is to be closed in any case. */
enum status open_map(char **words, int *fd, struct bpf_map_info *info);
/* What is done with a map, as the words behind its own say. */
typedef enum status use_of_map(int fd, const struct bpf_map_info *info, char **words);
/* Opens the map, has that done, and closes it; command is for messages. */
enum status with_map(char **words, const char *command, use_of_map *use);

/* request.c: what is to be deleted, as it is typed */
struct entry {
	const char *whose; /* for messages */
	__u32 given;	   /* the keywords that were, a bit for each */
	char **map;
	struct bytes key;
	struct bytes compare; /* at NULL: nothing is compared */
	struct bytes claim;   /* at NULL: no claim */
	__u32 offset;
	__u32 size;
	__u32 claim_offset;
};

struct request {
	struct entry first;
	struct entry linked; /* map NULL: there is none */
	__u32 linked_flags;
	__u32 backend;
	__u64 claim_first;
	__u64 claim_last;
	const char *keys; /* the file that has them; NULL: there is one, the first entry's */
	bool value;	  /* is wanted */
	bool results;	  /* likewise, of each of the keys */
};

/* To be freed in any case. */
enum status parse_request(char **words, struct request *request);
void free_request(struct request *request);
/* That the bytes given are as many as the map has, and fills in what was left out. */
enum status fit_to_map(struct entry *entry, const struct bpf_map_info *info);

/* delete.c, delete_keys.c */
/* What one key and many have in common; the claim included, but for what is compared. */
void set_delete_opts(struct bpf_map_delete_batch_opts *opts, const struct request *request);
enum status fail_to_delete(int err, enum bpf_map_type type, const struct request *request);
enum status delete_keys(int fd, const struct bpf_map_info *info, const struct request *request);

/* fields.c: fields of keys and values by their names */
struct btf;

struct field {
	const char *name; /* as it was typed, for messages */
	__u32 offset;
	__u8 size;  /* in bytes */
	__u8 bits;  /* how many of their bits it has */
	__u8 shift; /* by how many of them it is to the left */
	__u8 flags; /* BPF_MAP_SWEEP_KEY, _SIGNED, _BE */
};

/* Whether it begins as a name does: "key" or "value", and what is behind it. */
bool is_field_name(const char *word);
/*
 * A name that does not is a member of the value. *btf is the map's, NULL before the first name; to be freed in any
 * case.
 */
enum status find_field(const char *name, const struct bpf_map_info *info, struct btf **btf,
		       struct field *field);

/* operand.c: what a field is compared with */
__u64 all_bits(__u32 bits);
/* As bpf_ktime_get_ns() has it. */
__u64 now_ns(void);
/* All operands have the time of the first one: from here on, of the next one. */
void forget_now(void);
/* *words is then behind it. A field of a clock that wraps is compared by a difference. */
enum status parse_operand(char ***words, const struct field *field, bool wraps, __u64 *operand);
/* Behind it, where the field is not known yet. */
void skip_operand(char ***words);
enum status parse_mask(const char *word, const struct field *field, __u64 *mask);
/* All that the field could hold, whether it has a sign or not: also as a number below 0. */
enum status parse_any_sign(const char *word, const struct field *field, __u64 *number);
/* Likewise the first and the last of some words. */
enum status parse_range(const char *from, const char *to, const struct field *field, __u64 *first,
			__u64 *last);
/* Of claims: not 0 alone, which to the library is none. */
enum status parse_claims(const char *from, const char *to, const struct field *field, __u64 *first,
			 __u64 *last);
/* As 10s; in milliseconds, not 0. */
enum status parse_wait(const char *word, const char *what, __u32 *ms);

/* where.c: which entries are meant */
#define CONDS_MAX 16

struct where {
	struct bpf_map_sweep_cond conds[CONDS_MAX];
	__u32 count;
};

/* What follows "where", up to what is no condition. */
enum status parse_where(char ***words, const struct bpf_map_info *info, struct where *where);
/* One field, and no condition on it; its name is the word's, with bare names also without "value." before it. */
enum status parse_one_field(char ***words, const struct bpf_map_info *info, bool bare_names,
			    struct field *field);
/* That it is a word that can be changed where it is; what: "claims are". */
enum status check_is_word(const struct field *field, const char *what);

/* sweep_request.c: what is to be swept, as it is typed */
struct sweep_request {
	__u32 given; /* the keywords that were, a bit for each */
	struct where where;
	struct bytes claim; /* at NULL: no claim */
	__u32 claim_offset;
	__u64 claim_first;
	__u64 claim_last;
	__u64 limit; /* of entries; UINT64_MAX: none */
	bool all, count, keys, values;
};

/* The words behind the map's. To be freed in any case. */
enum status parse_sweep_request(char **words, const struct bpf_map_info *info,
				struct sweep_request *request);
void free_sweep_request(struct sweep_request *request);

/* claims_request.c: which claims are looked for, as it is typed */
struct claims_request {
	__u32 given; /* the keywords that were, a bit for each */
	struct field field;
	const char *from, *to, *own; /* as they were typed */
	__u64 claim_first;
	__u64 claim_last;
	__u64 own_claim;
	__u32 wait_ms; /* 0: nothing is said of it */
	bool clear;
};

/* The words behind the map's. */
enum status parse_claims_request(char **words, const struct bpf_map_info *info,
				 struct claims_request *request);

/* update_request.c: how an entry is to be updated, as it is typed */
struct update_request {
	__u32 given; /* the keywords that were, a bit for each */
	struct bytes key, value;
	struct bytes compare;	  /* at NULL: nothing is compared */
	__u32 offset, size;	  /* of what is */
	__u32 at;		  /* where the value is written, in place */
	__u64 flags;		  /* the kernel's */
	const char *first, *last; /* claims, as they were typed; NULL: none */
	__u64 claim_first, claim_last;
	bool in_place, old;
};

/* The words behind the map's. To be freed in any case. */
enum status parse_update_request(char **words, const struct bpf_map_info *info,
				 struct update_request *request);
void free_update_request(struct update_request *request);

/* word_request.c: which word is to be changed, and how, as it is typed */
struct word_request {
	__u32 given; /* the keywords that were, a bit for each */
	bool add;    /* or set */
	struct bytes key;
	const char *keys; /* the file that has them; NULL: there is one */
	struct field field;
	__u32 size;			  /* of the field, where it has no name */
	char **operand_at, **expected_at; /* as they were typed; NULL: nothing is expected */
	const char *first, *last;	  /* claims, likewise */
	__u64 operand, expected;
	__u64 claim_first, claim_last;
};

/* The words behind the map's. To be freed in any case. */
enum status parse_word_request(char **words, const struct bpf_map_info *info,
			       struct word_request *request);
void free_word_request(struct word_request *request);

/* progress.c: on a terminal alone, from the first while on or at once; there is nothing of it left at the end */
void begin_progress(bool at_once);
void show_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void end_progress(void);

/* change.c: one entry, changed by the library */
struct change {
	const char *done; /* is said where it was */
	const __u8 *key, *value;
	struct bpf_map_update_elem_opts opts;
};

/* Gives *answer where there is one; else says what went wrong. */
enum status change_entry(int fd, const struct bpf_map_info *info, const struct change *change,
			 struct answer *answer);
/* The same change for many keys; value, old and compare have it for each of them. The library's answer. */
int change_entries(int fd, __u32 count, const struct change *change, int *results);
struct answer answer_of_change(int err, const struct change *change);
enum status fail_to_change(int err, const struct bpf_map_info *info, const struct change *change);

/* holders.c: who holds claims */
struct holder {
	__u32 pid;
	__u64 first, last; /* bytes that it has locked */
};

struct holders {
	struct holder *all;
	size_t count;
	bool hidden; /* there are processes of which that could not be seen */
};

/* To be freed in any case. */
enum status find_holders(struct holders *holders);
bool is_held_by(const struct holder *holder, __u32 map_id, __u64 claim);
void free_holders(struct holders *holders);

/* probe.c */
/* 1, the kernel has this backend for this type; 0 or a negative errno, and *reason says why not. */
int ask_kernel(enum bpf_map_type type, enum bpf_map_compare_backend backend, const char **reason);
/* That a map cannot be swept, or looked through: -EOPNOTSUPP, for unserved where the kernel is not why, or -EPERM. */
enum status fail_unserved(int err, enum bpf_map_type type, const char *unserved);

#endif /* BPFCMP_H */
