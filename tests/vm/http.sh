# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What two tests share: four services, each family to each family, and the proof that they balance.

http_config() { # mode
	echo 'pools:'
	check_interval=2s check_timeout=2s
	pool four "$1" http 10.0.0.1 10.0.0.2 10.0.0.3
	pool six "$1" http fd00::1 fd00::2 fd00::3
	echo 'services:'
	service tcp 192.0.2.10 80 four
	service tcp 2001:db8:0:1::10 80 six
	service tcp 192.0.2.11 80 six
	service tcp 2001:db8:0:1::11 80 four
	printf 'interfaces:\n  - name: eth0\n'
}

http_balances() { # name
	local before address
	before=$(verdict FORWARDED)
	for address in 192.0.2.10 2001:db8:0:1::10 192.0.2.11 2001:db8:0:1::11; do
		every_answered "$1: $address balances" "$(load http $address --count 200 --timeout 8)" b1 b2 b3
	done
	check "$1: leat forwarded it" test "$(($(verdict FORWARDED) - before))" -gt 800
	equal "$1: nothing was dropped" "$(leat status --json | jq .dropped.packets)" 0
}

decapsulated() { # device: packets that came out of it, at all backends
	local backend
	for backend in b1 b2 b3; do at $backend ip -j -s link show "$1" ; done | jq -s 'map(.[0].stats64.rx.packets) | add'
}
