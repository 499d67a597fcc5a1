/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The numbers of DNS that have names here: record types (RFC 1035 3.2.2, 3596, 2782) and response codes (RFC 1035 4.1.1). */
#ifndef MODEL_DNS_NAMES_H
#define MODEL_DNS_NAMES_H

#include <stdint.h>

struct dns_name {
	const char *word;
	uint16_t number;
};

enum {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
};

#define DNS_RECORDS \
	{ "A", DNS_A }, { "AAAA", DNS_AAAA }, { "CNAME", DNS_CNAME }, { "MX", DNS_MX }, { "NS", DNS_NS }, \
	{ "PTR", DNS_PTR }, { "SOA", DNS_SOA }, { "SRV", DNS_SRV }, { "TXT", DNS_TXT }

#define DNS_RCODES \
	{ "NOERROR", 0 }, { "FORMERR", 1 }, { "SERVFAIL", 2 }, { "NXDOMAIN", 3 }, { "NOTIMP", 4 }, { "REFUSED", 5 }

#endif
