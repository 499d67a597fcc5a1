/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every way a packet can leave, once. The data path, the counters, `leat stats`, the API, the
 * documentation and the tests expand this list; nothing else names a verdict.
 *
 * Each line: name, XDP action, what it tells an operator. Names are in the order of the packet's path.
 * TX stands for "out of an interface": XDP_TX or XDP_REDIRECT, as the way to the backend needs.
 */
#ifndef LEAT_VERDICT_H
#define LEAT_VERDICT_H

/*        name                action help */
#define LEAT_VERDICTS(X) \
	X(FORWARDED,          TX,    "sent to a backend") \
	X(ECHO_REPLIED,       TX,    "echo request to a service address, answered") \
	X(TOO_BIG_REPLIED,    TX,    "too big for the way to the backend; sender told the MTU that fits") \
	X(TTL_REPLIED,        TX,    "TTL or hop limit ran out here; sender told") \
	X(NOT_IP,             PASS,  "not IPv4 or IPv6 (ARP, LLDP and the like): left to the kernel") \
	X(NOT_SERVICE,        PASS,  "no service on this address and port: left to the kernel") \
	X(L3_MALFORMED,       PASS,  "IP header cut short or inconsistent: left to the kernel to judge") \
	X(ICMP_PASSED,        PASS,  "ICMP to a service address, neither an echo request nor an error about a flow: left to the kernel") \
	X(L2_NOT_UNICAST,     DROP,  "for a service, in a broadcast or multicast frame (RFC 1812 5.3.4)") \
	X(BAD_SOURCE,         DROP,  "for a service, from a source no host can have (RFC 1812 5.3.7)") \
	X(LAND,               DROP,  "for a service, source address equal to destination address") \
	X(BAD_LENGTH,         DROP,  "for a service, IP length larger than the frame") \
	X(HEADERS_TOO_MANY,   DROP,  "more IPv6 extension headers than are walked, to a service address") \
	X(L4_TRUNCATED,       DROP,  "transport header runs past the end of the packet") \
	X(TCP_BAD_FLAGS,      DROP,  "for a service, TCP flags no stack sends: SYN with FIN or RST, or none") \
	X(FRAGMENT,           DROP,  "fragment to a service address, of ICMP, or while the configuration says fragments: 0") \
	X(FRAGMENT_UNKNOWN,   DROP,  "later fragment to a service address, whose first one has not come before it, or not gone to a backend that lives") \
	X(ACCESS_DENIED,      DROP,  "the service's access list does not let the source in") \
	X(LIMIT_SOURCE_PACKETS, DROP,  "more packets a second from the source than the service's access list permits") \
	X(LIMIT_SOURCE_FLOWS, DROP,  "more new connections a second from the source than the access list permits") \
	X(LIMIT_SERVICE_PACKETS, DROP,  "more packets a second for the service than its access list permits") \
	X(LIMIT_SERVICE_FLOWS, DROP,  "more new connections a second for the service than its access list permits") \
	X(NO_BACKEND,         DROP,  "the service's pool has no usable backend") \
	X(BACKEND_UNRESOLVED, DROP,  "no route or no link address known for the chosen backend") \
	X(TTL_EXPIRED,        DROP,  "TTL or hop limit ran out here; reply withheld by the rate limit, or an ICMP error or a later fragment itself") \
	X(TOO_BIG_LIMITED,    DROP,  "too big for the way to the backend; reply withheld by the rate limit") \
	X(TOO_BIG_DROPPED,    DROP,  "too big for the way to the backend, and may be fragmented (not done here), or an ICMP error or a later fragment itself") \
	X(HEADROOM_SHORT,     DROP,  "driver leaves no room before the frame for the outer header")

enum leat_verdict {
#define X(name, action, help) LEAT_##name,
	LEAT_VERDICTS(X)
#undef X
	LEAT_VERDICT_COUNT,
	LEAT_NEXT = LEAT_VERDICT_COUNT, /* a room's answer "not decided here": never counted */
};

#endif
