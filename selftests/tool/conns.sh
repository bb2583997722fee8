# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
# shellcheck shell=bash
#
# Maps to sweep, behind tool.sh: one with BTF that is filled with five entries, and one with nested fields.

# Its name is such that the page's examples find it.
conns=$dir/bpf/${name}conns
make_maps() {
	make_btf_maps maps_prog <<-END
		typedef unsigned int __be32;
		typedef unsigned short __be16;
		struct key {
			__be32 ip;
			__be16 port;
			unsigned char proto, id;
		};
		struct value {
			unsigned long long seen;
			unsigned int lifetime;
			unsigned short flags;
			unsigned char state;
			unsigned char low : 4, high : 3, top : 1;
			__be32 addr;
			__be16 port;
			short temp;
		};
		enum state { NEW, OPEN };
		struct nested {
			struct {
				__be32 addr[2];
				const volatile __be16 port;
				enum state state : 3;
				int way : 2;
			} tuple[2];
			union {
				unsigned int mark;
				struct {
					unsigned short low, high;
				};
			};
			float rate;
			void *next;
		};
		struct {
			int (*type)[1];
			int (*max_entries)[64];
			struct key *key;
			struct value *value;
		} ${name}conns __attribute__((section(".maps"), used));
		struct {
			int (*type)[1];
			int (*max_entries)[64];
			unsigned int *key;
			struct nested *value;
		} nested __attribute__((section(".maps"), used));
	END
}
nested=$dir/bpf/nested

# Of entry i its key and value, byte by byte: seen, lifetime, flags, state, bits, addr, port, temp.
declare -A keys values
keys[1]="10 0 0 1  0 80  6 1"
values[1]="100 0 0 0 0 0 0 0  232 3 0 0  10 0  1 15  10 0 0 1  0 80  251 255"
keys[2]="10 0 0 2  1 187  17 2"
values[2]="200 0 0 0 0 0 0 0  208 7 0 0  20 0  2 240  10 0 0 2  1 187  5 0"
keys[3]="192 168 1 1  31 144  6 3"
values[3]="254 255 255 255 255 255 255 255  254 255 255 255  254 255  254 255  192 168 1 1  31 144  212 254"
keys[4]="127 0 0 1  255 255  17 4"
values[4]="0 0 0 0 0 0 0 128  0 0 0 128  0 128  128 0  127 0 0 1  255 255  0 128"
keys[5]="0 0 0 0  0 0  0 5"
values[5]="0 0 0 0 0 0 0 0  0 0 0 0  0 0  0 60  0 0 0 0  0 0  255 127"
ids="1 2 3 4 5"

fill() { # conns: all of them
	for i in $ids; do
		echo "map update pinned $conns key ${keys[$i]} value ${values[$i]}"
	done >"$dir/batch"
	"$bpftool" batch file "$dir/batch" >/dev/null
}

left() { # which are there
	"$bpftool" -j map dump pinned "$conns" | jq -r '[.[].key[7][3:]] | sort | join(" ")' | tr -d 0
}

listed() { # arguments: the ids of the keys that are printed, and that the line below has their number
	"$bpfcmp" "$@" keys >"$dir/listed" || return
	sed -n 's/^key: .* 0\(.\)$/\1/p' "$dir/listed" | sort | xargs
	tail -n 1 "$dir/listed" | grep -q "^scanned [1-5], matched $(grep -c key "$dir/listed"), "
}

le() { # number, size
	local i
	for ((i = 0; i < $2; i++)); do
		echo $(($1 >> 8 * i & 255))
	done | xargs
}
