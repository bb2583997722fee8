#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# network.sh DIR: a client, a router with the tracker DIR/tracker on both of its interfaces, and a server. Run in network
# and mount namespaces of its own, so that all of it goes when it ends. What the tracker says is in DIR/said, and what
# came of it in DIR/status.
set -eu

dir=$1
bpftool=${BPFTOOL:-/usr/sbin/bpftool}
traffic=$(realpath "$(dirname "$0")/traffic.py")

mount -t tmpfs tmpfs /run
for side in client server; do
	ip netns add $side
done
link() { # its name here, the other side, addresses without their last byte
	ip link add "$1" type veth peer name eth netns "$2"
	ip address add "$3.1/24" dev "$1"
	ip address add "$4::1/64" dev "$1" nodad
	ip link set "$1" up
	ip -n "$2" address add "$3.2/24" dev eth
	ip -n "$2" address add "$4::2/64" dev eth nodad
	ip -n "$2" link set eth up
	ip -n "$2" route add default via "$3.1"
	ip -n "$2" route add default via "$4::1"
}
link r0 client 198.51.100 2001:db8:1
link r1 server 192.0.2 2001:db8:2
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding

wait_for() { # file, pattern: its last line is so, at some time in a minute
	tries=600
	until tail -n 1 "$1" | grep -q "$2"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { echo "no '$2' in $1" >&2; exit 1; }
		sleep 0.1
	done
}

# Behind the tracker's back: what came from the server.
delete_reply() {
	for id in $(sed -n 's/^map_id:[[:space:]]*//p' /proc/"$tracker"/fdinfo/* | sort -u); do
		"$bpftool" map show id "$id" | grep -q 'name flows ' || continue
		# shellcheck disable=SC2046 # bytes
		"$bpftool" map delete id "$id" key $("$bpftool" -j map dump id "$id" |
			jq -r '.[].key | select(.[12:16] == ["0xc0", "0x00", "0x02", "0x02"])[]')
	done
}

pids=
trap 'kill $pids 2>/dev/null || true' EXIT
touch "$dir/said" "$dir/server" "$dir/client"
env --default-signal=INT "$dir/tracker" -i 5 r0 r1 >"$dir/said" 2>&1 &
tracker=$!
ip netns exec server "$traffic" serve >"$dir/server" 2>&1 &
pids="$tracker $!"
wait_for "$dir/server" ready
wait_for "$dir/said" flows
ip link show r1 | grep -c prog/xdp >"$dir/attached"
ip netns exec client "$traffic" connect "$dir" >"$dir/client" 2>&1 &
pids="$pids $!"

wait_for "$dir/client" open
wait_for "$dir/said" '^6 flows, 4 hosts'
# Longer than any of them would be known that is idle.
sleep 7
cp "$dir/said" "$dir/kept"
touch "$dir/over"
wait_for "$dir/said" '^2 flows, 1 hosts'
cp "$dir/said" "$dir/paired"
delete_reply
wait_for "$dir/said" '^1 flows, 1 hosts'
touch "$dir/end"
wait_for "$dir/said" '^0 flows, 0 hosts'
kill -s INT $tracker
status=0
wait $tracker || status=$?
echo $status >"$dir/status"
ip link show | grep -c prog/xdp >"$dir/left" || true
