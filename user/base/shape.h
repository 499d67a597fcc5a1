/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a service is on, as people write it: protocol, address or prefix, port, range or any. Its name is all of them:
 * "tcp/192.0.2.10:80", "udp/[2001:db8::]/48:8000-8999", "any/192.0.2.0/24:any".
 */
#ifndef BASE_SHAPE_H
#define BASE_SHAPE_H

#include <netinet/in.h>

#include "base/addr.h"
#include "leat/shape.h"

/* name, as written, number; 0: any */
#define SHAPE_PROTOCOLS(X) \
	X(TCP, "tcp", IPPROTO_TCP) \
	X(UDP, "udp", IPPROTO_UDP) \
	X(SCTP, "sctp", IPPROTO_SCTP) \
	X(GRE, "gre", IPPROTO_GRE) \
	X(ESP, "esp", IPPROTO_ESP) \
	X(ANY, "any", 0)
#define SHAPE_PROTOCOL_WORDS "tcp, udp, sctp, gre, esp, any"
#define SHAPE_PORT_WORDS     "1 to 65535, a range such as 8000-8999, and any"

#define SHAPE_NAME_MAX (ADDR_TEXT_MAX + 8)

bool shape_has_ports(uint8_t protocol);
/* "tcp"; "unknown" where there is no word. */
const char *shape_protocol(uint8_t protocol);

/* -EINVAL: not such; then ret is as it was. */
int shape_protocol_parse(const char *text, uint8_t *ret);
/* "192.0.2.0/24", "2001:db8::1": address and host_bits. No bits after the prefix are set. */
int shape_address_parse(const char *text, struct leat_service_key *ret);
/* "80", "8000-8999", "any": port and last_port. */
int shape_port_parse(const char *text, struct leat_service_key *ret);
/* "192.0.2.0/24:80", "[2001:db8::]/48:any": all but the protocol, to which the port must be right. */
int shape_parse(const char *text, uint8_t protocol, struct leat_service_key *ret);
/* "tcp/192.0.2.0/24:80" */
int shape_name_parse(const char *name, struct leat_service_key *ret);

/* Into buf of ADDR_TEXT_MAX, which is returned; the name's of SHAPE_NAME_MAX. */
const char *shape_address_format(const struct leat_service_key *key, char *buf);
const char *shape_port_format(const struct leat_service_key *key, char *buf);
const char *shape_format(const struct leat_service_key *key, char *buf);
const char *shape_name_format(const struct leat_service_key *key, char *buf);

/* The end of a sentence about a text that one of these does not take, like addr_fault()'s; "" if nothing is known of it. */
const char *shape_address_fault(const char *text);
const char *shape_fault(const char *text, uint8_t protocol);
const char *shape_name_fault(const char *name);

#endif
