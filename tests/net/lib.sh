# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the namespace tests share. A test sources this file, calls lab_up, and goes on: the lab and every
# process in it end with the test, however it ends.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
prefix=leat-t$$
. scripts/lab.sh
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
# At the end of a pipe. Not `grep -q`: that goes at the first find, and who writes into the pipe dies of it.
finds() { grep "$@" > /dev/null; }

equal() { # name found wanted
	if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "found '$2', wanted '$3'"; fi
}

# --- the lab ----------------------------------------------------------------------------------------------
finish() {
	local status=$?
	trap - EXIT
	if [ "$failed" != 0 ] || [ $status != 0 ]; then
		[ $status = 0 ] || echo "FAIL $(basename "$0" .test): ended early with status $status"
		[ ! -e "$run/leatd.log" ] || { echo "--- leatd's log:"; tail -n 40 "$run/leatd.log"; }
		failed=1
	fi
	lab_down
	exit $failed
}

# Asks first: only a daemon that ends of itself can tell what it leaked, and it must end well.
lab_down() {
	if [ -n "$leatd_pid" ]; then leatd_end TERM || fail "leatd ends when asked to" "its exit status is not 0"; fi
	lab down
}

lab_up() { # [--mode MODE] [--backends N]
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

# A server of datagrams on each address: whatever comes, the answer is the backend's name.
udp_servers() { # backend port address...
	nsenter --net="/run/netns/$prefix-$1" -- python3 -c '
import selectors, socket, sys
waiting = selectors.DefaultSelector()
for address in sys.argv[3:]:
    server = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, int(sys.argv[2])))
    waiting.register(server, selectors.EVENT_READ)
while True:
    for ready, _ in waiting.select():
        _, client = ready.fileobj.recvfrom(2048)
        ready.fileobj.sendto(sys.argv[1].encode() + b"\n", client)' "$@" &
	disown
}

# Connections of clients that a backend's kernel has, and that are being opened.
connections_at() { # backend
	local all
	all=$(at "$1" ss -Htn state established state syn-recv state close-wait 'src 192.0.2.0/24 or src 2001:db8:0:1::/64') || return
	grep -c . <<< "$all" || true
}
has_connections() { [ "$(connections_at "$1")" = "$2" ]; } # backend count

# --- the daemon ------------------------------------------------------------------------------------------
# Starts leatd; the test ends if it does not answer.
leatd_up() {
	leatd_start "$@" && return
	fail "leatd starts" "$(tail -n 3 "$run/leatd.log" | tr '\n' ' ')"
	exit
}

# A pool as YAML: pool NAME MODE CHECK ADDRESS...; CHECK: none, or http with times short enough for a test. A test that
# counts packets sets check_interval longer, for moments without any; one in which nobody may be found down by a slow
# machine sets check_timeout longer, too.
pool() {
	local name=$1 mode=$2 check=$3 address
	shift 3
	printf '  - name: %s\n    mode: %s\n    check:\n      type: %s\n' "$name" "$mode" "$check"
	[ "$check" = none ] || cat <<-END | sed 's/^/      /'
		port: 80
		path: /health
		interval: ${check_interval:-300ms}
		fast-interval: 50ms
		timeout: ${check_timeout:-300ms}
		rise: 2
		fall: 2
	END
	printf '    backends:\n'
	for address in "$@"; do printf '      - address: "%s"\n' "$address"; done
}

service() { # protocol address port pool
	printf '  - protocol: %s\n    address: "%s"\n    port: %s\n    pool: %s\n' "$@"
}

# --- judging --------------------------------------------------------------------------------------------
log_has() { grep -qE "$1" "$run/leatd.log"; }

rises() { # name verdict old: the verdict was counted since
	local now
	now=$(verdict "$2")
	if [ "$now" -gt "$3" ]; then ok "$1"; else fail "$1" "$2 stands at $now"; fi
}

# counters_add_up NAME BASE: since `counted` said BASE, leat counted every packet that arrived, once.
counters_add_up() {
	local base now
	read -ra base <<< "$2"
	read -ra now <<< "$(counted)"
	if [ ${#base[@]} != 2 ] || [ ${#now[@]} != 2 ]; then
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
