# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the demo and the namespace tests share: working with a lab and the leatd in it. To be sourced, from the
# top of the tree, with `prefix` set to the lab's name.
B=${B:-build}
export B
run=/run/$prefix
pins=/sys/fs/bpf/$prefix
socket=$run/leatd.sock
running=$run/running.yaml
leatd_pid=

lab() { local verb=$1; shift; scripts/lab "$verb" --name "$prefix" "$@"; }
at() { local name=$1; shift; nsenter --net="/run/netns/$prefix-$name" -- "$@"; }
load() { at client scripts/load "$@"; }

# wait_for SECONDS COMMAND...: until the command succeeds; fails when that time, times $LEAT_PATIENCE, is over.
wait_for() {
	local end=$(($(date +%s%N) + $1 * ${LEAT_PATIENCE:-1} * 1000000000))
	shift
	until "$@" > /dev/null 2>&1; do
		[ "$(date +%s%N)" -lt "$end" ] || return 1
		sleep 0.02
	done
}

seconds() { date +%s.%N; }
# since TIME [TIME]: seconds from then to now, or to a second time, with two digits
since() { awk -v a="$1" -v b="${2:-$(seconds)}" 'BEGIN { printf "%.2f", b - a }'; }

# --- the daemon ------------------------------------------------------------------------------------------
leat() { "$B/leat" --socket "$socket" "$@"; }

# leatd_start OPTION...: in lb, with $run/leat.yaml if the caller made it; fails if it does not answer in time.
leatd_start() {
	# Not through at(): $! must be the daemon itself.
	nsenter --net="/run/netns/$prefix-lb" -- "$B/leatd" --config "$run/leat.yaml" --state "$running" \
		--socket "$socket" --pins "$pins" "$@" >> "$run/leatd.log" 2>&1 &
	leatd_pid=$!
	wait_for 10 leat status --json
}

leatd_end() { # signal: ends it and waits; fails if asked to TERM it did not exit with 0
	local status=0
	kill "-$1" "$leatd_pid"
	wait "$leatd_pid" 2> /dev/null || status=$?
	leatd_pid=
	[ "$1" = KILL ] || [ $status = 0 ]
}

# --- what leat says ----------------------------------------------------------------------------------------
backend_field() { # pool address field
	leat backend list --json | jq -r --arg p "$1" --arg a "$2" --arg f "$3" \
		'.backends[] | select(.pool == $p and .address == $a) | .[$f]'
}
in_table() { [ "$(backend_field "$1" "$2" in-table)" = "$3" ]; } # pool address true|false
all_in_table() { [ "$(leat backend list --json | jq '[.backends[] | ."in-table" and .resolved] | all')" = true ]; }
verdict() { leat stats --json | jq --arg v "$1" '.verdicts[] | select(.name == $v) | .packets'; } # NAME
received() { leat stats --json | jq '[.verdicts[].packets] | add'; }

# What lb's interface itself counted: veth counts the packets that an XDP program saw, too.
interface_received() { at lb ip -j -s link show eth0 | jq '.[0].stats64.rx.packets'; }

# Prints "counted by the interface" "counted by leat", of a moment in which nothing arrived.
counted() {
	local before leat after tries
	for ((tries = 0; tries < 50; tries++)); do
		before=$(interface_received) leat=$(received) after=$(interface_received)
		if [ "$before" = "$after" ]; then
			echo "$before $leat"
			return
		fi
		sleep 0.02
	done
	return 1
}

# --- load in the background ---------------------------------------------------------------------------------
# load_start NAME KIND ADDRESS...: as scripts/load, until load_stop NAME, which prints its JSON.
load_start() {
	local name=$1
	shift
	rm -f "$run/$name.stop"
	load "$@" --until "$run/$name.stop" > "$run/$name.json" 2> "$run/$name.err" &
	echo $! > "$run/$name.pid"
}
load_stop() {
	touch "$run/$1.stop"
	# Not `wait`: this may run in a subshell, whose child it is not.
	tail --pid="$(cat "$run/$1.pid")" -s 0.02 -f /dev/null
	cat "$run/$1.json"
}
# failures_after JSON TIME: requests that began after TIME and failed.
failures_after() { jq --argjson t "$2" '[.failures[] | select(.time - .took > $t)] | length' <<< "$1"; }
