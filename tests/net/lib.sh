# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the namespace tests share. A test sources this file, calls lab_up, and goes on: the lab and every
# process in it end with the test, however it ends.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
B=${B:-build}
prefix=leat-t$$
run=/run/$prefix
pins=/sys/fs/bpf/$prefix
socket=$run/leatd.sock
leatd_pid=
failed=0

if [ "$(id -u)" != 0 ]; then
	echo "FAIL $(basename "$0"): needs root: network namespaces and XDP"
	exit 1
fi

# --- verdicts -------------------------------------------------------------------------------------------
ok() { echo "ok $*"; }
fail() { # name why
	local name=$1
	shift
	echo "FAIL $name: $*"
	failed=1
}

# check NAME COMMAND...: ok if the command succeeds; its output is the reason if not.
check() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then ok "$name"; else fail "$name" "$(tail -n 5 <<< "$output" | tr '\n' ' ')($*)"; fi
}

refuses() { ! "$@"; }

equal() { # name found wanted
	if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "found '$2', wanted '$3'"; fi
}

# wait_for SECONDS COMMAND...: until the command succeeds; fails when the time is over.
wait_for() {
	local end=$(($(date +%s%N) + ${1}000000000))
	shift
	until "$@" > /dev/null 2>&1; do
		[ "$(date +%s%N)" -lt "$end" ] || return 1
		sleep 0.05
	done
}

seconds() { date +%s.%N; }
# since TIME: seconds from then to now, or to a second TIME, with two digits
since() { awk -v a="$1" -v b="${2:-$(seconds)}" 'BEGIN { printf "%.2f", b - a }'; }

# --- the lab ----------------------------------------------------------------------------------------------
lab() { scripts/lab --name "$prefix" "$@"; }
at() { local name=$1; shift; nsenter --net="/run/netns/$prefix-$name" -- "$@"; }
load() { at client scripts/load "$@"; }

finish() {
	local status=$?
	trap - EXIT
	if [ "$failed" != 0 ] || [ $status != 0 ]; then
		[ $status = 0 ] || echo "FAIL $(basename "$0" .test): ended early with status $status"
		[ ! -e "$run/leatd.log" ] || { echo "--- leatd's log:"; tail -n 40 "$run/leatd.log"; }
		failed=1
	fi
	lab down
	exit $failed
}

lab_up() { # [--mode l2|ipip] [--backends N]
	trap finish EXIT
	trap 'exit 1' INT TERM HUP
	leatd_pid=
	lab up "$@" > "/tmp/$prefix.up" 2>&1 || {
		fail "lab up $*" "$(tail -n 3 "/tmp/$prefix.up" | tr '\n' ' ')"
		rm -f "/tmp/$prefix.up"
		exit
	}
	rm -f "/tmp/$prefix.up"
}

# A server of datagrams on each address, in socat: whatever comes, the answer is the backend's name.
udp_servers() { # backend port address...
	local name=$1 port=$2 address
	shift 2
	for address in "$@"; do
		case $address in
		*:*) at "$name" socat "UDP6-RECVFROM:$port,bind=[$address],reuseaddr,fork" "EXEC:echo $name" & ;;
		*) at "$name" socat "UDP4-RECVFROM:$port,bind=$address,reuseaddr,fork" "EXEC:echo $name" & ;;
		esac
	done
}

# --- the daemon ----------------------------------------------------------------------------------------------
leat() { "$B/leat" --socket "$socket" "$@"; }

leatd_start() { # options... ; the configuration is $run/leat.yaml, made by the test or absent
	at lb "$B/leatd" --config "$run/leat.yaml" --state "$run/running.yaml" --socket "$socket" --pins "$pins" "$@" \
		>> "$run/leatd.log" 2>&1 &
	leatd_pid=$!
	if ! wait_for 10 leat status --json; then
		fail "leatd starts" "$(tail -n 3 "$run/leatd.log" | tr '\n' ' ')"
		exit
	fi
}

leatd_end() { # signal: ends it and waits
	kill "-$1" "$leatd_pid"
	wait "$leatd_pid" 2> /dev/null
	leatd_pid=
}

# A pool as YAML: pool NAME MODE CHECK ADDRESS...; CHECK: none, or http with times short enough for a test.
pool() {
	local name=$1 mode=$2 check=$3 address
	shift 3
	printf '  - name: %s\n    mode: %s\n    check:\n      type: %s\n' "$name" "$mode" "$check"
	[ "$check" = none ] || cat <<-'END' | sed 's/^/      /'
		port: 80
		path: /health
		interval: 200ms
		fast-interval: 50ms
		timeout: 300ms
		rise: 2
		fall: 2
	END
	printf '    backends:\n'
	for address in "$@"; do printf '      - address: "%s"\n' "$address"; done
}

service() { # protocol address port pool
	printf '  - protocol: %s\n    address: "%s"\n    port: %s\n    pool: %s\n' "$@"
}

# --- what leat says --------------------------------------------------------------------------------------------
backend_field() { # pool address field
	leat backend list --json | jq -r --arg p "$1" --arg a "$2" --arg f "$3" \
		'.backends[] | select(.pool == $p and .address == $a) | .[$f]'
}
is_health() { [ "$(backend_field "$1" "$2" health)" = "$3" ]; }  # pool address up|down|unknown
in_table() { [ "$(backend_field "$1" "$2" in-table)" = "$3" ]; } # pool address true|false
all_in_table() { [ "$(leat backend list --json | jq '[.backends[] | ."in-table" and .resolved] | all')" = true ]; }
verdict() { leat stats --json | jq --arg v "$1" '.verdicts[] | select(.name == $v) | .packets'; } # NAME
received() { leat stats --json | jq '.total.packets'; }
log_has() { grep -qE "$1" "$run/leatd.log"; }

# What the interface itself counted (veth's counter of packets that an XDP program saw).
interface_received() {
	at lb cat /sys/class/net/eth0/statistics/rx_packets
}

# A pair "counted by the interface, counted by leat" of a moment in which nothing arrived.
counted() {
	local before leat after try
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		before=$(interface_received) leat=$(received) after=$(interface_received)
		if [ "$before" = "$after" ]; then
			echo "$before $leat"
			return
		fi
		sleep 0.03
	done
	echo "never quiet"
}

# counters_add_up NAME BASE: since `counted` said BASE, leat counted every packet that arrived, once.
counters_add_up() {
	local base now
	read -ra base <<< "$2"
	read -ra now <<< "$(counted)"
	if [ "${base[0]}" = never ] || [ "${now[0]}" = never ]; then
		fail "$1" "the interface was never quiet"
	else
		equal "$1" "$((now[1] - base[1])) packets" "$((now[0] - base[0])) packets"
	fi
}

# every_answered NAME JSON BACKENDS...: no request failed, and each of these answered; nobody else.
every_answered() {
	local name=$1 json=$2 wanted
	shift 2
	wanted=$(printf '%s\n' "$@" | sort | tr '\n' ' ')
	if [ "$(jq .failed <<< "$json")" != 0 ]; then
		fail "$name" "failed: $(jq -c '{requests, failed, answers, failures: .failures[:2]}' <<< "$json")"
	else
		equal "$name" "$(jq -r '.answers | keys | sort | join(" ")' <<< "$json") " "$wanted"
	fi
}

no_failure() { # name json
	if [ "$(jq '.failed + .moved' <<< "$2")" = 0 ]; then
		ok "$1 ($(jq .requests <<< "$2") requests)"
	else
		fail "$1" "$(jq -c '{requests, failed, moved, answers, failures: .failures[:2]}' <<< "$2")"
	fi
}

# --- load in the background ---------------------------------------------------------------------------------------
# load_start NAME KIND ADDRESS...: goes on until load_stop NAME, which prints its JSON.
load_start() {
	local name=$1
	shift
	rm -f "$run/$name.stop"
	at client scripts/load "$@" --until "$run/$name.stop" > "$run/$name.json" 2> "$run/$name.err" &
	echo $! > "$run/$name.pid"
}
load_stop() {
	touch "$run/$1.stop"
	while [ -e "/proc/$(cat "$run/$1.pid")" ] && ! grep -q '^State:.Z' "/proc/$(cat "$run/$1.pid")/status" 2> /dev/null; do
		sleep 0.02
	done
	cat "$run/$1.json"
}
