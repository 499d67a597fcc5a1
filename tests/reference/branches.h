/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The branches of the reference model, once: a name that the code marks with REACH() and a sentence for people.
 * "for a service" says that the packet was found to be for one, so that its defect counted.
 */
#ifndef REFERENCE_BRANCHES_H
#define REFERENCE_BRANCHES_H

#include "reference/reference.h"

#define BRANCHES_OF_LINK(X) \
	X(TAGS_NONE, "Ethernet: no tag before an IP header") \
	X(TAGS_ONE, "Ethernet: one tag before an IP header") \
	X(TAGS_TWO, "Ethernet: two tags before an IP header") \
	X(NOT_IP_TYPE, "not IP: another EtherType, untagged") \
	X(NOT_IP_TYPE_TAGGED, "not IP: another EtherType, in a tag") \
	X(NOT_IP_TAG_CUT, "not IP: a tag cut short") \
	X(NOT_IP_TAGS_MANY, "not IP: a third tag") \
	X(GROUP_FRAME, "for a service: in a broadcast or multicast frame")

#define BRANCHES_OF_NETWORK(X) \
	X(MALFORMED4_CUT, "IPv4: fewer than 20 bytes in the frame") \
	X(MALFORMED4_VERSION, "IPv4: another version") \
	X(MALFORMED4_WORDS, "IPv4: a header length below 5 words") \
	X(MALFORMED4_OPTIONS, "IPv4: options past the end of the frame") \
	X(MALFORMED4_TOTAL, "IPv4: a total length below the header's") \
	X(MALFORMED6_CUT, "IPv6: fewer than 40 bytes in the frame") \
	X(MALFORMED6_VERSION, "IPv6: another version") \
	X(SOURCE4_THIS, "IPv4: for a service, from 0.0.0.0/8") \
	X(SOURCE4_LOOPBACK, "IPv4: for a service, from 127.0.0.0/8") \
	X(SOURCE4_MULTICAST, "IPv4: for a service, from 224.0.0.0/4") \
	X(SOURCE4_RESERVED, "IPv4: for a service, from 240.0.0.0/4") \
	X(SOURCE6_UNSPECIFIED, "IPv6: for a service, from ::") \
	X(SOURCE6_LOOPBACK, "IPv6: for a service, from ::1") \
	X(SOURCE6_MULTICAST, "IPv6: for a service, from ff00::/8") \
	X(SOURCE6_MAPPED, "IPv6: for a service, from ::ffff:0:0/96") \
	X(LAND4, "IPv4: for a service, source and destination are one") \
	X(LAND6, "IPv6: for a service, source and destination are one") \
	X(LENGTH4, "IPv4: for a service, total length larger than the frame") \
	X(LENGTH6, "IPv6: for a service, payload length larger than the frame") \
	X(FRAGMENT6_WHOLE, "IPv6: a fragment header on a whole packet") \
	X(FRAGMENT6_LATER_UNKNOWN, "IPv6: a later fragment that calls its payload an extension header") \
	X(FRAGMENT6_TWICE, "IPv6: a first fragment that has another fragment header") \
	X(CHAIN_HOP_BY_HOP, "IPv6: hop-by-hop options walked") \
	X(CHAIN_HOP_BY_HOP_LATE, "IPv6: hop-by-hop options behind another header walked") \
	X(CHAIN_ROUTING, "IPv6: a routing header walked") \
	X(CHAIN_AUTHENTICATION, "IPv6: an authentication header walked") \
	X(CHAIN_DESTINATION, "IPv6: destination options walked") \
	X(CHAIN_MOBILITY, "IPv6: a mobility header walked") \
	X(CHAIN_SIX, "IPv6: six extension headers and no more") \
	X(CHAIN_MANY, "IPv6: for a service, a seventh extension header") \
	X(CHAIN_CUT, "IPv6: for a service, an extension header of which not two bytes are in the packet") \
	X(CHAIN_LONG, "IPv6: for a service, an extension header that runs past the end of the packet") \
	X(CHAIN_BUFFER, "IPv6: for a service, an extension header that runs past the frame's first buffer")

#define BRANCHES_OF_TRANSPORT(X) \
	X(PORTS_CUT, "TCP or UDP: for a service, ports past the end of the packet") \
	X(PORTS_BUFFER, "TCP or UDP: for a service, ports past the frame's first buffer") \
	X(TCP_CUT, "TCP: for a service, ports but not 20 bytes") \
	X(TCP_WORDS, "TCP: for a service, a data offset below 5 words") \
	X(TCP_OPTIONS, "TCP: for a service, options past the end of the packet") \
	X(TCP_FLAGS_NONE, "TCP: for a service, none of SYN, FIN, RST and ACK") \
	X(TCP_FLAGS_SYN_FIN, "TCP: for a service, SYN and FIN") \
	X(TCP_FLAGS_SYN_RST, "TCP: for a service, SYN and RST without FIN") \
	X(UDP_CUT, "UDP: for a service, ports but not 8 bytes") \
	X(UDP_LENGTH_SMALL, "UDP: for a service, a length below 8") \
	X(UDP_LENGTH_LARGE, "UDP: for a service, a length past the end of the packet") \
	X(UDP_LENGTH_FIRST, "UDP: a first fragment, whose length is that of all the datagram") \
	X(UDP_LENGTH_INSIDE, "UDP: a length that ends before the packet does") \
	X(SCTP_CUT, "SCTP: for a service, ports but not 12 bytes") \
	X(ICMP_CUT, "ICMP: for a service's address, not 8 bytes") \
	X(ICMP6_CUT, "ICMPv6: for a service's address, not 8 bytes")

#define BRANCHES_OF_SERVICE(X) \
	X(NOBODY_PROTOCOL, "no service: a protocol that services do not have") \
	X(NOBODY_MAPPED, "no service: IPv6 to a mapped IPv4 address") \
	X(NOBODY_PORT, "no service: another port of a service's address") \
	X(NOBODY_ADDRESS, "no service: another address, ports known") \
	X(NOBODY_ADDRESS_WHOLE, "no service: another address, ports unknown") \
	X(NOBODY_DEFECT, "no service: a packet with a defect") \
	X(FOUND_PORT_DEFECT, "found by port, and has a defect") \
	X(FOUND_ADDRESS_DEFECT, "found by address as a whole, and has a defect") \
	X(FOUND_TWO_DEFECTS, "has two defects: the first counts") \
	X(FOUND_OTHER_DEFECT, "found by a protocol without ports, and has a defect") \
	X(FOUND4_SCTP, "a whole SCTP packet over IPv4 for a service") \
	X(FOUND6_SCTP, "a whole SCTP packet over IPv6 for a service") \
	X(FOUND4_OTHER, "a packet without ports over IPv4 for a service") \
	X(FOUND6_OTHER, "a packet without ports over IPv6 for a service") \
	X(FOUND4_TCP, "a whole TCP segment over IPv4 for a service") \
	X(FOUND4_UDP, "a whole UDP datagram over IPv4 for a service") \
	X(FOUND6_TCP, "a whole TCP segment over IPv6 for a service") \
	X(FOUND6_UDP, "a whole UDP datagram over IPv6 for a service") \
	X(FOUND4_ICMP_OTHER, "ICMP that is no echo request and quotes no flow") \
	X(FOUND6_ICMP_OTHER, "ICMPv6 that is no echo request and quotes no flow") \
	X(QUOTED_CUT, "ICMP error: the quoted IP header is cut short, or none") \
	X(QUOTED_LATER, "ICMP error: quotes a later fragment") \
	X(QUOTED_PROTOCOL, "ICMP error: quotes a protocol that services do not have") \
	X(QUOTED_PORTS_CUT, "ICMP error: the quoted ports are cut off") \
	X(QUOTED_OTHER, "ICMP error: quotes a packet from another address than it was sent to") \
	X(QUOTED_NOBODY, "ICMP error: quotes a packet of the address that is of no service") \
	X(QUOTED6_FRAGMENT, "ICMPv6 error: quotes a first fragment") \
	X(QUOTED4_TCP, "ICMP error about a TCP flow") \
	X(QUOTED4_UDP, "ICMP error about a UDP flow") \
	X(QUOTED6_TCP, "ICMPv6 error about a TCP flow") \
	X(QUOTED_NO_PORTS, "ICMP error that quotes a protocol without ports of a service") \
	X(QUOTED_SCTP, "ICMP error that quotes SCTP of a service") \
	X(QUOTED6_UDP, "ICMPv6 error about a UDP flow") \
	X(QUOTED_SPENT, "ICMP error about a flow: TTL or hop limit ran out") \
	X(QUOTED_BIG, "ICMP error about a flow: too big") \
	X(ECHO4, "echo request over IPv4") \
	X(ECHO4_OPTIONS, "echo request behind IPv4 options") \
	X(ECHO6, "echo request over IPv6") \
	X(ECHO6_CHAIN, "echo request behind extension headers") \
	X(ECHO_TAGGED, "echo request in a tag") \
	X(ECHO_CODE, "echo request with a code other than 0") \
	X(ECHO_SPENT, "echo request with a TTL of 1 or 0") \
	X(ECHO_CARRY, "echo reply whose checksum wraps") \
	X(ECHO_BLANK, "echo reply with a header of zeros") \
	X(ACCESS4_ALLOWED, "IPv4: the longest prefix of the access list allows") \
	X(ACCESS6_ALLOWED, "IPv6: the longest prefix of the access list allows") \
	X(ACCESS4_DENIED, "IPv4: the longest prefix of the access list denies") \
	X(ACCESS6_DENIED, "IPv6: the longest prefix of the access list denies") \
	X(ACCESS_CONTESTED, "prefixes of the access list allow and deny") \
	X(ACCESS_REST_ALLOWED, "in no prefix of an access list that only denies") \
	X(ACCESS_REST_DENIED, "in no prefix of an access list that allows some") \
	X(ACCESS_ERROR, "an ICMP error about a flow that the access list denies") \
	X(LIMITS_KEPT, "within the limits of an access list") \
	X(LIMIT_SYN_ACK, "a SYN with ACK, which is no new flow, where new flows are limited") \
	X(LIMIT_ERROR, "an ICMP error that takes a token of the client's") \
	X(POOL_EMPTY, "no member of the pool has slots") \
	X(WAY_UNKNOWN, "the member's way is not known") \
	X(WAY_FORBIDDEN, "the member's way leaves by an interface that may not be redirected to")

#define BRANCHES_OF_SHAPES(X) \
	X(SHAPE4_PREFIX, "shapes: for a service on an IPv4 prefix") \
	X(SHAPE6_PREFIX, "shapes: for a service on an IPv6 prefix") \
	X(SHAPE_RANGE, "shapes: for a service on a range of ports") \
	X(SHAPE_ANY_PORT, "shapes: for a service on any port of its protocol") \
	X(SHAPE_ANY_PROTOCOL, "shapes: for a service of any protocol") \
	X(SHAPE_WHOLE, "shapes: for an address within a prefix, as a whole") \
	X(SHAPE_LONGER, "shapes: of several, the longest prefix") \
	X(SHAPE_OWN_PROTOCOL, "shapes: of several of one prefix, that of the protocol rather than of any") \
	X(SHAPE_NARROWER, "shapes: of several of one prefix and protocol, the narrowest range") \
	X(SHAPE_PORT_ALONE, "shapes: one port within a range or prefix that another service has")

#define BRANCHES_OF_FRAGMENTS(X) \
	X(FRAGMENT4_FIRST, "IPv4: a first fragment for a service") \
	X(FRAGMENT6_FIRST, "IPv6: a first fragment for a service") \
	X(FRAGMENT_ICMP, "a fragment of ICMP to a service's address") \
	X(FRAGMENT4_FOLLOWS, "IPv4: a later fragment follows its first one") \
	X(FRAGMENT6_FOLLOWS, "IPv6: a later fragment follows its first one") \
	X(FRAGMENT6_FOLLOWS_OTHER, "IPv6: a later fragment follows its first one, and calls itself another protocol") \
	X(FRAGMENT_STRAY, "a later fragment without its first one") \
	X(FRAGMENT_AGAIN, "a first fragment of a datagram that is known") \
	X(FRAGMENT_SPENT, "a later fragment: TTL or hop limit ran out") \
	X(FRAGMENT_BIG, "a later fragment: too big")

#define BRANCHES_OF_FORWARDING(X) \
	X(SPENT_ZERO, "TTL or hop limit 0") \
	X(SPENT4_REPLIED, "IPv4: TTL ran out, sender told") \
	X(SPENT4_LIMITED, "IPv4: TTL ran out, sender not told") \
	X(SPENT6_REPLIED, "IPv6: hop limit ran out, sender told") \
	X(SPENT6_LIMITED, "IPv6: hop limit ran out, sender not told") \
	X(SPENT_BIG, "TTL or hop limit ran out, and too big as well") \
	X(BIG_FITS, "exactly as big as fits") \
	X(BIG_BY_ONE, "one byte too big") \
	X(BIG4_REPLIED, "IPv4: too big, sender told") \
	X(BIG4_LIMITED, "IPv4: too big, sender not told") \
	X(BIG4_DROPPED, "IPv4: too big, may be fragmented") \
	X(BIG6_REPLIED, "IPv6: too big, sender told what fits") \
	X(BIG6_REPLIED_LEAST, "IPv6: too big, sender told 1280 though less fits") \
	X(BIG6_LIMITED, "IPv6: too big, sender not told") \
	X(BIG6_DROPPED, "IPv6: too big though not above 1280") \
	X(QUOTE4_WHOLE, "ICMP error that quotes the packet whole") \
	X(QUOTE4_PART, "ICMP error that quotes the packet in part") \
	X(QUOTE6_WHOLE, "ICMPv6 error that quotes the packet whole") \
	X(QUOTE6_PART, "ICMPv6 error that quotes the packet in part") \
	X(QUOTE_ODD, "ICMP error that quotes an odd number of bytes") \
	X(HEADROOM_REPLY, "no headroom for an ICMP error") \
	X(HEADROOM_L2, "no headroom for more tags") \
	X(HEADROOM_IPIP, "no headroom for an outer header") \
	X(L2_IPV4, "l2, IPv4") \
	X(L2_IPV6, "l2, IPv6") \
	X(IPIP_4IN4, "ipip, IPv4 in IPv4") \
	X(IPIP_6IN4, "ipip, IPv6 in IPv4") \
	X(IPIP_4IN6, "ipip, IPv4 in IPv6") \
	X(IPIP_6IN6, "ipip, IPv6 in IPv6") \
	X(GRE_4, "gre, IPv4 inside") \
	X(GRE_6, "gre, IPv6 inside") \
	X(GUE_4, "gue, IPv4 inside") \
	X(GUE_6, "gue, IPv6 inside") \
	X(GUE1_4, "gue1, IPv4 inside") \
	X(GUE1_6, "gue1, IPv6 inside") \
	X(FOU_4, "fou, IPv4 inside") \
	X(FOU_6, "fou, IPv6 inside: the next port") \
	X(UDP_OVER4, "gue, gue1 or fou over IPv4") \
	X(UDP_OVER6, "gue, gue1 or fou over IPv6") \
	X(CLASS_COPIED, "tunnel, a traffic class that is not 0") \
	X(SOURCE4_DRAWN, "tunnel, IPv4 source with bits of the flow's hash") \
	X(SOURCE6_DRAWN, "tunnel, IPv6 source with bits of the flow's hash") \
	X(TTL_CARRY, "IPv4: lowering the TTL wraps the header's checksum") \
	X(TAGS_ADDED, "leaves with more tags than it came with") \
	X(TAGS_REMOVED, "leaves with fewer tags than it came with") \
	X(TAGS_KEPT, "leaves with as many tags as it came with, one or two") \
	X(PADDING, "leaves with bytes behind the IP packet") \
	X(SHRINKS, "leaves as a shorter frame") \
	X(REDIRECTED, "leaves by another interface")

#define BRANCHES_OF_QUIC(X) \
	X(QUIC_SHORT, "QUIC: a short header's connection id names a living backend") \
	X(QUIC_LONG, "QUIC: a long header's connection id names a living backend") \
	X(QUIC_DRAINING, "QUIC: the connection id's backend lives, out of the table") \
	X(QUIC_DEAD, "QUIC: the connection id's backend does not live") \
	X(QUIC_UNKNOWN, "QUIC: nobody has the connection id's server id") \
	X(QUIC_UNROUTABLE, "QUIC: config rotation 7") \
	X(QUIC_OTHER_CONFIG, "QUIC: another config rotation") \
	X(QUIC_LENGTH, "QUIC: a long header's connection id is too short for a server id") \
	X(QUIC_SHORT_OF_IT, "QUIC: the packet ends within 20 octets from where its connection id begins")

#define BRANCHES_OF_PINS(X) \
	X(FLOW_STATELESS, "flows: UDP without sticky in a tracked slot") \
	X(QUOTED_PIN, "flows: an ICMP error about a flow that a pin knows") \
	X(QUOTED_UNPINNED, "flows: an ICMP error about a flow without a pin, in a tracked slot") \
	X(FLOW_SPREAD, "flows: a client's flows together, in a tracked slot") \
	X(PIN_CURRENT, "flows: a pin names the slot's current backend") \
	X(PIN_PREVIOUS, "flows: a pin names the slot's previous backend") \
	X(PIN_ASTRAY, "flows: a pin names another backend than the slot does") \
	X(PIN_OF_ENDED, "flows: a SYN with the ports of a closing flow") \
	X(PIN_OF_DEAD, "flows: a pin names a backend that does not live") \
	X(PIN_OF_GONE, "flows: a pin names a backend that is no longer there") \
	X(PIN_OF_OTHER, "flows: a pin names a backend of another pool") \
	X(NEW_BY_SYN, "flows: no pin and a SYN") \
	X(NEW_SETTLED, "flows: no pin, age unknown, in a slot that has settled") \
	X(OLD_BY_ACK, "flows: no pin, TCP but no SYN, previous is another than current") \
	X(OLD_UNKNOWN, "flows: no pin, age unknown, in a slot that has not settled") \
	X(SYN_NOBODY, "flows: a SYN, nobody gets new flows but somebody drains") \
	X(ACK_DRAINING, "flows: no SYN, nobody gets new flows but somebody drains") \
	X(PROMISE_CONNECTION, "promise: a packet of an open connection within the idle time") \
	X(PROMISE_STICKY, "promise: a packet of a sticky flow within the idle time") \
	X(PINS_LIMITED, "flows: the budget of new pins is spent") \
	X(STATE_SYN_KEPT, "flows: a SYN of an established flow") \
	X(STATE_ESTABLISHED, "flows: an opening flow becomes established") \
	X(STATE_CLOSING, "flows: FIN or RST of a flow that was not closing") \
	X(STATE_CLOSING_KEPT, "flows: a closing flow sends on") \
	X(CHOICE_TURN, "scheduler: in turn") \
	X(CHOICE_LEAST, "scheduler: the least loaded of several") \
	X(CHOICE_LEAST_EQUAL, "scheduler: several are least loaded") \
	X(CHOICE_RANDOM, "scheduler: at random") \
	X(CHOICE_TWO, "scheduler: of two") \
	X(CHOICE_LATENCY, "scheduler: of two by response time")

#define BRANCHES_OF_SLOTS(X) \
	X(SLOT_FILLED, "slots: untracked, without an owner until now") \
	X(SLOT_KEPT, "slots: untracked, keeps its owner") \
	X(SLOT_TRACKED, "slots: untracked, keeps its owner, all are to be tracked") \
	X(SLOT_MOVED, "slots: untracked, another owner, the old one lives") \
	X(SLOT_TAKEN, "slots: untracked, another owner, the old one does not live") \
	X(SLOT_MOVED_AGAIN, "slots: tracked, another owner, previous lives") \
	X(SLOT_RETURNED, "slots: tracked, goes back to previous") \
	X(SLOT_BEREFT, "slots: tracked, previous does not live") \
	X(TABLE_SIZED, "tables: another size") \
	X(TABLE_SIZED_SETTLED, "tables: another size, when all flows were pinned") \
	X(TABLE_AGAIN, "tables: a pool without one has one again") \
	X(TABLE_DRAINS, "tables: nobody gets new flows but somebody drains") \
	X(TABLE_GONE, "tables: nobody is left") \
	X(EXPIRED_OPENING, "passes: an opening flow expired") \
	X(EXPIRED_ESTABLISHED, "passes: an established flow expired") \
	X(EXPIRED_CLOSING, "passes: a closing flow expired") \
	X(EXPIRED_STICKY, "passes: a sticky flow expired") \
	X(EXPIRED_DEAD, "passes: a flow of a backend that does not live") \
	X(PASS_SETTLES, "passes: a slot's previous backend is forgotten") \
	X(PASS_STICKY, "passes: a slot of a pool with flows sticky for longer than the idle time waits") \
	X(PASS_UNTRACKS, "passes: a slot becomes untracked") \
	X(PASS_ASTRAY, "passes: a slot stays tracked for a pin that names another") \
	X(PASS_TRACKS, "passes: a settled slot stays tracked for its pool tracks all")

#define BRANCHES_OF_LIMITS(X) \
	X(LIMIT_OF_SERVICE, "a service's limit met by a source within its own") \
	X(LIMIT_OF_PREFIX, "a source that another one of its prefix has used the tokens of")

#define BRANCHES_OF_SETTINGS(X) \
	X(FRAGMENT_OFF, "a fragment for a service, while none are forwarded") \
	X(FRAGMENT_LOST, "a later fragment whose backend does not live any more, or is no more the service's")

#define BRANCHES_OF_FLOWS(X) \
	BRANCHES_OF_SETTINGS(X) \
	BRANCHES_OF_LIMITS(X) \
	BRANCHES_OF_PINS(X) \
	BRANCHES_OF_QUIC(X) \
	BRANCHES_OF_SLOTS(X)

#define BRANCHES(X) \
	BRANCHES_OF_LINK(X) \
	BRANCHES_OF_NETWORK(X) \
	BRANCHES_OF_TRANSPORT(X) \
	BRANCHES_OF_SERVICE(X) \
	BRANCHES_OF_SHAPES(X) \
	BRANCHES_OF_FRAGMENTS(X) \
	BRANCHES_OF_FORWARDING(X)

enum branch {
#define X(name, sentence) BRANCH_##name,
	BRANCHES(X)
	BRANCHES_OF_FLOWS(X)
#undef X
	BRANCH_COUNT,
};

extern struct reference_branch reference_branch_list[BRANCH_COUNT];

#define REACH(name) ((void)reference_branch_list[BRANCH_##name].reached++)
#define REACH_ONE(branch) ((void)reference_branch_list[branch].reached++)

#endif
