/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services on prefixes, ranges and any protocol that mean nothing, or not one thing. One test a row. */
#include "config_rows.h"

/* clang-format off */
static const struct row rows[] = {
	{"a service on a prefix with bits behind it",
	 "pools: [{name: web}]\nservices: [{protocol: tcp, address: 192.0.2.1/24, port: 80, pool: web}]\n",
	 "services[0].address: '192.0.2.1/24' is not an IPv4 or IPv6 address or prefix: bits are set after its prefix"},
	{"a service on every address",
	 "pools: [{name: web}]\nservices: [{protocol: tcp, address: '::/0', port: 80, pool: web}]\n",
	 "services[0].address: '::/0' has addresses that no host can have"},
	{"a service without a port",
	 "pools: [{name: web}]\nservices: [{protocol: sctp, address: 192.0.2.1, pool: web}]\n",
	 "services[0].port is missing; allowed are 1 to 65535, a range such as 8000-8999, and any"},
	{"a port of a protocol without ports",
	 "pools: [{name: web}]\nservices: [{protocol: gre, address: 192.0.2.1, port: 80, pool: web}]\n",
	 "services[0].port: protocol gre has no ports; leave it out, or set any"},
	{"a range of any protocol's ports",
	 "pools: [{name: web}]\nservices: [{protocol: any, address: 192.0.2.1, port: 80-90, pool: web}]\n",
	 "services[0].port: protocol any has no ports; leave it out, or set any"},
	{"ranges that share ports",
	 "pools: [{name: web}]\nservices:\n- {protocol: tcp, address: 192.0.2.0/24, port: 90-110, pool: web}\n"
	 "- {protocol: tcp, address: 192.0.2.0/24, port: 80-100, pool: web}\n",
	 "services[1]: tcp/192.0.2.0/24:80-100 shares ports with services[0], tcp/192.0.2.0/24:90-110, and neither is within the "
	 "other: nobody can say whose they are"},
	{"a range twice",
	 "pools: [{name: web}]\nservices:\n- {protocol: tcp, address: 192.0.2.0/24, port: 80-100, pool: web}\n"
	 "- {protocol: tcp, address: 192.0.2.0/24, port: 80-90, pool: web}\n- {protocol: tcp, address: 192.0.2.0/24, port: 80-100, pool: web}\n",
	 "services[2]: tcp/192.0.2.0/24:80-100 is services[0] already"},
	{"a backend within a service's prefix",
	 "pools: [{name: web, backends: [{address: 192.0.2.77}]}]\nservices: [{protocol: any, address: 192.0.2.0/24, pool: web}]\n",
	 "pools[web].backends[0].address: 192.0.2.77 is an address of services[0]; a backend is reached by an address of its own"},
	{"a check of a range",
	 "pools: [{name: web, check: {type: tcp}}]\nservices: [{protocol: tcp, address: 192.0.2.1, port: 80-90, pool: web}]\n",
	 "pools[web].check.port is missing: the pool's services have different ports, a range, or none; set the one to probe"},
	{"a check through prefixes",
	 "pools: [{name: web, check: {type: tcp, port: 80, via: vip}}]\nservices: [{protocol: tcp, address: 192.0.2.0/24, port: 80, pool: web}]\n",
	 "pools[web].check.via: the pool's services are on prefixes, and no address of a prefix is more its VIP than the others; leave "
	 "it out, or give the pool a service on one address"},
	{"connection ids of any protocol",
	 "pools: [{name: web, backends: []}]\nservices: [{protocol: any, address: 192.0.2.1, pool: web, quic: {server-id-length: 4}}]\n",
	 "services[0].quic: QUIC is carried by udp, this service is any"},
};
/* clang-format on */

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(rows)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		tests[i] = (struct CMUnitTest){rows[i].name, check, NULL, NULL, (void *)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
