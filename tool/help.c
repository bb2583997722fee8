// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What is said of how to use bpfcmp and its commands. bpfcmp(8) says it at length.
 */
#include "bpfcmp.h"

#define USAGE                                                                                      \
	"Usage: bpfcmp [OPTIONS] probe [kernel] [all]\n"                                           \
	"       bpfcmp [OPTIONS] delete MAP key DATA compare DATA [offset N] [size N]\n"           \
	"                        [claim DATA] [claim_offset N] [claim_first N] [claim_last N]\n"   \
	"                        [backend BACKEND] [value] [linked MAP key DATA ...]\n"            \
	"       bpfcmp [OPTIONS] delete MAP keys FILE [compare DATA] ... [results]\n"              \
	"       bpfcmp [OPTIONS] sweep MAP { where CONDITION [{ and | or } CONDITION]... | all "   \
	"}\n"                                                                                      \
	"                        [dry-run] [keys] [values] [limit N] [claim DATA] ...\n"           \
	"       bpfcmp [OPTIONS] count MAP [where CONDITION [{ and | or } CONDITION]...]\n"        \
	"       bpfcmp [OPTIONS] top MAP [where CONDITION ...] [refreshed FIELD] [interval "       \
	"TIME]\n"                                                                                  \
	"       bpfcmp [OPTIONS] claims MAP claim FIELD from N to N [clear] [own N] [wait TIME]\n" \
	"       bpfcmp [OPTIONS] update MAP key DATA value DATA [compare DATA] [offset N] ...\n"   \
	"                        [{ in_place at N | any | noexist | exist }] [old]\n"              \
	"       bpfcmp [OPTIONS] add MAP { key DATA | keys FILE } { field FIELD | offset N size "  \
	"N } by N ...\n"                                                                           \
	"       bpfcmp [OPTIONS] set MAP { key DATA | keys FILE } { field FIELD | offset N size "  \
	"N } to N ...\n"                                                                           \
	"       bpfcmp [COMMAND] help | bpfcmp help [COMMAND]\n"                                   \
	"       bpfcmp version\n"

const char usage[] = USAGE;

const char help[] =
	USAGE "\n"
	      "Deletes an entry of a BPF hash map only if its value still is what you saw, or all\n"
	      "entries that are as you say. Updates an entry likewise.\n"
	      "\n"
	      "Options, anywhere on the line:\n"
	      "         -j, --json     answer in JSON\n"
	      "         -p, --pretty   answer in JSON, indented\n"
	      "         -V, --version  as the command\n"
	      "         -h, --help     how to use bpfcmp, or the command\n"
	      "\n"
	      "Exit status: 0 done, 1 error, 2 wrong usage, 3 the value differs, 4 no such key,\n"
	      "             5 not supported, 6 not permitted\n"
	      "\n"
	      "See bpfcmp(8).\n";

const char probe_help[] =
	"Usage: bpfcmp [OPTIONS] probe [kernel] [all]\n"
	"\n"
	"Tells what the running kernel can do with maps of each type, for this caller, or why "
	"not:\n"
	"  native        deletes by the kernel's own BPF_F_COMPARE\n"
	"  syscall_prog  deletes by the emulation, a BPF syscall program, and by it\n"
	"  no_prealloc   from maps that are not pre-allocated\n"
	"  spin_lock     from maps whose values have a bpf_spin_lock\n"
	"  claim         with a claim\n"
	"  sweep         of all that match conditions: sweep, count, top\n"
	"  update        and replaces values likewise\n"
	"  in_place      or changes them where they are: add, set, update in_place\n"
	"  all           also of the types for which there is nothing\n"
	"\n"
	"Exit status: 0 all could be told, 1 some could not, 6 some could not for lack of\n"
	"             privilege\n";

const char delete_help[] =
	"Usage: bpfcmp [OPTIONS] delete MAP key DATA compare DATA [offset N] [size N]\n"
	"                        [claim DATA] [claim_offset N] [claim_first N] [claim_last N]\n"
	"                        [backend BACKEND] [value] [LINKED]\n"
	"       bpfcmp [OPTIONS] delete MAP keys FILE [compare DATA] [offset N] [size N]\n"
	"                        [claim DATA] [claim_offset N] [claim_first N] [claim_last N]\n"
	"                        [backend BACKEND] [value] [results]\n"
	"\n"
	"  MAP := { id N | pinned FILE | name NAME }\n"
	"  DATA := [hex] BYTE...          0 to 255 or 0x00 to 0xff; with hex 00 to ff\n"
	"  BACKEND := { auto | native | syscall_prog }\n"
	"  LINKED := linked MAP key DATA [compare DATA] [offset N] [size N]\n"
	"            [claim DATA] [claim_offset N] [{ keep | absent | first }]\n"
	"\n"
	"Deletes the entry of this key if its value equals DATA, and with it a linked one. Or the\n"
	"entries of many keys, each if its value is as it was dumped, or if it equals DATA.\n"
	"  keys FILE       keys, and values but for compare: what bpftool map dump prints, also\n"
	"                  with -j, or a key a line; - is standard input\n"
	"  offset N        compare from this byte of the value on (default: 0)\n"
	"  size N          compare so many bytes (default: to the value's end)\n"
	"  claim DATA      a word of 4 or 8 bytes that no live entry carries: see bpf_compare(7)\n"
	"  claim_offset N  where in the value that word is (default: where the comparison starts)\n"
	"  claim_first N   words from this number on are claims, whoever's,\n"
	"  claim_last N    and up to this one (default: the claims given alone)\n"
	"  backend BACKEND which backend to use (default: auto)\n"
	"  value           print the value that was deleted\n"
	"  results         print what became of each key\n"
	"  linked          a second entry, of this map or another: both are deleted if both hold.\n"
	"                  Without compare it may have any value, or be missing\n"
	"  keep            it has to hold, but stays\n"
	"  absent          it must not be there\n"
	"  first           it is deleted before the first one\n"
	"\n"
	"Exit status: 0 deleted, 1 error, 2 wrong usage, 3 the value or the linked entry differs,\n"
	"             4 no such key, 5 not supported, 6 not permitted; nothing was deleted but for "
	"0,\n"
	"             or where that is said. Of many keys 3 where any differs, or else 4 where "
	"any\n"
	"             is missing\n";

#define CONDITION_HELP                                                                             \
	"  MAP := { id N | pinned FILE | name NAME }\n"                                            \
	"  CONDITION := FIELD [mask N] OP OPERAND\n"                                               \
	"  FIELD := { [{ key | value }] TYPE at OFFSET | NAME }\n"                                 \
	"  TYPE := { u8 | u16 | u32 | u64 | s8 | s16 | s32 | s64 | be16 | be32 | be64 }\n"         \
	"  NAME := { key | value }[.MEMBER | [N]]...    as the map's BTF has it\n"                 \
	"  OP := { eq | ne | lt | le | gt | ge | before | after }    or = != < <= > >=\n"          \
	"  OPERAND := { N | ADDRESS | now[{ + | - }N UNIT] [in UNIT] }    as now-30s in s\n"       \
	"  UNIT := { ns | us | ms | s | m | h }\n"

#define FOUND_HELP                                                                                 \
	"  and, or         and holds together more closely\n"                                      \
	"  mask N          of the field these bits alone\n"                                        \
	"  before, after   of clocks that wrap: by the sign of the difference\n"                   \
	"  in UNIT         in which the field counts (default: ns, of a field of 8 bytes)\n"

#define ALL_HELP "  all             every entry\n"

const char sweep_help[] =
	"Usage: bpfcmp [OPTIONS] sweep MAP { where CONDITION [{ and | or } CONDITION]... | all }\n"
	"                        [claim DATA] [claim_offset N] [claim_first N] [claim_last N]\n"
	"                        [dry-run] [keys] [values] [limit N] [json]\n"
	"\n" CONDITION_HELP
	"  DATA := [hex] BYTE...          0 to 255 or 0x00 to 0xff; with hex 00 to ff\n"
	"\n"
	"Deletes the entries that match, each looked at again right before that.\n" FOUND_HELP
		ALL_HELP
	"  claim DATA      a word of 4 or 8 bytes that no live entry carries, see bpf_compare(7),\n"
	"                  in the place of a field that some condition of each group is on\n"
	"  claim_offset N  where in the value that field is (default: the first condition's)\n"
	"  claim_first N   words from this number on are claims, whoever's,\n"
	"  claim_last N    and up to this one (default: the claim given alone)\n"
	"  dry-run         delete nothing, but tell what matches\n"
	"  keys, values    print those of the entries that were deleted\n"
	"  limit N         stop after so many entries\n"
	"  json            as the option --json\n"
	"\n"
	"Exit status: 0 done, whether anything matched or not, 1 error, 2 wrong usage,\n"
	"             5 not supported, 6 not permitted\n";

const char count_help[] =
	"Usage: bpfcmp [OPTIONS] count MAP [{ where CONDITION [{ and | or } CONDITION]... | all "
	"}]\n"
	"                        [claim DATA] [claim_offset N] [claim_first N] [claim_last N]\n"
	"                        [keys] [values] [limit N] [json]\n"
	"\n" CONDITION_HELP "\n"
	"Counts the entries that match, or all, and deletes nothing.\n" FOUND_HELP ALL_HELP
	"  claim DATA ...  as of bpfcmp sweep: entries that are claimed do not match\n"
	"  keys, values    print those of the entries that match\n"
	"  limit N         stop after so many entries\n"
	"  json            as the option --json\n"
	"\n"
	"Exit status: 0 done, 1 error, 2 wrong usage, 5 not supported, 6 not permitted\n";

const char top_help[] =
	"Usage: bpfcmp [OPTIONS] top MAP [where CONDITION [{ and | or } CONDITION]...]\n"
	"                        [refreshed FIELD] [interval TIME] [times N] [json]\n"
	"\n" CONDITION_HELP "  TIME := N{ ms | s | m | h }                  as 10s\n"
	"\n"
	"Tells again and again how many entries there are and how many match, and how many keys\n"
	"are new, gone, or changed since the last look: on all of a terminal, until q or Ctrl-C, "
	"or\n"
	"else in lines.\n" FOUND_HELP
	"  refreshed FIELD tell of how many keys this field of the value is another one by now\n"
	"  interval TIME   look so often (default: 1s)\n"
	"  times N         and no more than N times\n"
	"  json            as the option --json\n"
	"\n"
	"Exit status: 0 done, 1 error, 2 wrong usage, 5 not supported, 6 not permitted\n";

const char claims_help[] =
	"Usage: bpfcmp [OPTIONS] claims MAP claim FIELD from N to N [clear] [own N] [wait TIME]\n"
	"                        [json]\n"
	"\n"
	"  MAP := { id N | pinned FILE | name NAME }\n"
	"  FIELD := { TYPE at OFFSET | NAME }           of the value\n"
	"  TYPE := { u32 | u64 | s32 | s64 }\n"
	"  NAME := value[.MEMBER | [N]]...              as the map's BTF has it\n"
	"  TIME := N{ ms | s | m | h }                  as 10s, which is the default\n"
	"\n"
	"Tells which entries carry a claim, and whose it is: held, by processes that collect by "
	"it;\n"
	"changed, there was a delete under way; stale, it is nobody's and stands, as in a map "
	"that\n"
	"was copied.\n"
	"  claim FIELD     the word that claims are written over\n"
	"  from N, to N    the first and the last word that are claims; -1 is the last of all\n"
	"  clear           delete the entries whose claim is stale, each looked at again\n"
	"  own N           a claim that is nobody's, to clear by (default: one that nobody holds)\n"
	"  wait TIME       how long a claim has to stand to be stale\n"
	"  json            as the option --json\n"
	"\n"
	"Exit status: 0 done, whether there was any claim or not, 1 error, 2 wrong usage,\n"
	"             5 not supported, 6 not permitted\n";

const char update_help[] =
	"Usage: bpfcmp [OPTIONS] update MAP key DATA value DATA compare DATA [offset N] [size N]\n"
	"                        [old] [json]\n"
	"       bpfcmp [OPTIONS] update MAP key DATA value DATA in_place at N\n"
	"                        [compare DATA] [offset N] [size N]\n"
	"                        [claim_first N] [claim_last N] [old] [json]\n"
	"       bpfcmp [OPTIONS] update MAP key DATA value DATA { any | noexist | exist } [json]\n"
	"\n"
	"  MAP := { id N | pinned FILE | name NAME }\n"
	"  DATA := [hex] BYTE...          0 to 255 or 0x00 to 0xff; with hex 00 to ff\n"
	"\n"
	"Replaces the entry of this key by one with this value, if the old one equals DATA; or\n"
	"writes to part of the value, and leaves the rest to those who write there.\n"
	"  compare DATA    the entry's value has to be so\n"
	"  offset N        compare from this byte of the value on (default: 0)\n"
	"  size N          compare so many bytes (default: to the value's end)\n"
	"  in_place at N   write the data to the value where it is, from this byte on: 4 or 8\n"
	"                  bytes at a multiple of their number, or, under a bpf_spin_lock, "
	"several\n"
	"  claim_first N   words from this number on are claims, which are not written over,\n"
	"  claim_last N    and up to this one; -1 is the last of all (default: none are)\n"
	"  any, noexist, exist\n"
	"                  compare nothing: create or replace the entry, create it alone, or\n"
	"                  replace it alone\n"
	"  old             print the bytes that were written over\n"
	"  json            as the option --json\n"
	"\n"
	"Exit status: 0 updated, 1 error, 2 wrong usage, 3 the value differs, is claimed, or is\n"
	"             there, 4 no such key, 5 not supported, 6 not permitted; nothing was\n"
	"             written but for 0\n";

#define WORD_HELP                                                                                  \
	"  MAP := { id N | pinned FILE | name NAME }\n"                                            \
	"  DATA := [hex] BYTE...          0 to 255 or 0x00 to 0xff; with hex 00 to ff\n"           \
	"  WORD := { field FIELD | offset N size { 4 | 8 } }\n"                                    \
	"  FIELD := { TYPE at OFFSET | NAME }           of the value\n"                            \
	"  TYPE := { u32 | u64 | s32 | s64 }\n"                                                    \
	"  NAME := [value.]MEMBER[.MEMBER | [N]]...     as the map's BTF has it\n"

#define WORD_PLACE_HELP                                                                            \
	"  keys FILE       of each of these keys, as of bpfcmp delete; - is standard input\n"      \
	"  field FIELD     the word, by its name or type, or else\n"                               \
	"  offset N        where in the value it is,\n"                                            \
	"  size N          and how many bytes it has\n"

#define WORD_CLAIMS_HELP                                                                           \
	"  claim_first N   words from this number on are claims, which are not written over,\n"    \
	"  claim_last N    and up to this one; -1 is the last of all (default: none are)\n"

const char add_help[] =
	"Usage: bpfcmp [OPTIONS] add MAP { key DATA | keys FILE } WORD by N\n"
	"                        [claim_first N] [claim_last N] [json]\n"
	"\n" WORD_HELP "\n"
	"Adds to one word of the entry's value where it is, and prints what it was and is. "
	"Nothing\n"
	"is lost that others add meanwhile by atomic operations.\n" WORD_PLACE_HELP
	"  by N            what is added, also a number below 0; 0 reads the "
	"word\n" WORD_CLAIMS_HELP "  json            as the option --json\n"
	"\n"
	"Exit status: 0 added, 1 error, 2 wrong usage, 3 the word is a claim, or would be, 4 no\n"
	"             such key, 5 not supported, 6 not permitted; nothing was written but for 0\n";

const char set_help[] =
	"Usage: bpfcmp [OPTIONS] set MAP { key DATA | keys FILE } WORD to N [if N]\n"
	"                        [claim_first N] [claim_last N] [json]\n"
	"\n" WORD_HELP
	"  N := { NUMBER | now[{ + | - }NUMBER UNIT] [in UNIT] }    as now+30s in s\n"
	"  UNIT := { ns | us | ms | s | m | h }\n"
	"\n"
	"Sets one word of the entry's value where it is, and prints what it was and is. With 0 it\n"
	"takes what a counter has: nothing is lost, and nothing counted twice.\n" WORD_PLACE_HELP
	"  to N            what it becomes\n"
	"  if N            only if it is this\n" WORD_CLAIMS_HELP
	"  json            as the option --json\n"
	"\n"
	"Exit status: 0 set, 1 error, 2 wrong usage, 3 the word differs, or is a claim or would\n"
	"             be, 4 no such key, 5 not supported, 6 not permitted; nothing was written\n"
	"             but for 0\n";
