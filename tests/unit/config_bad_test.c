/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configurations that parse but mean nothing, and the exact sentences they get. One test a row. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "model/config.h"
#include "source/source.h"

/* clang-format off */
static const struct row {
	const char *name, *text, *sentence;
} rows[] = {
	{"a seed that is no number",
	 "seed: hello\n",
	 "seed: 'hello' is not 1 to 16 hexadecimal digits"},
	{"a seed with a prefix",
	 "seed: 0xff\n",
	 "seed: '0xff' is not 1 to 16 hexadecimal digits"},
	{"a seed too long",
	 "seed: 11112222333344445\n",
	 "seed: '11112222333344445' is not 1 to 16 hexadecimal digits"},
	{"an empty seed",
	 "seed: ''\n",
	 "seed: '' is not 1 to 16 hexadecimal digits"},
	{"a seed of zero",
	 "seed: '0000'\n",
	 "seed: '0000' is zero; any other number will do"},
	{"a source that is no address",
	 "source: {ipv4: here}\n",
	 "source.ipv4: 'here' is not an IPv4 address or prefix, such as 10.9.0.0/24"},
	{"a source of the other family",
	 "source: {ipv4: '2001:db8::1'}\n",
	 "source.ipv4: '2001:db8::1' is not an IPv4 address or prefix, such as 10.9.0.0/24"},
	{"a source of the other family, IPv6",
	 "source: {ipv6: 10.0.0.1}\n",
	 "source.ipv6: '10.0.0.1' is not an IPv6 address or prefix, such as 2001:db8:9::/64"},
	{"a prefix too long",
	 "source: {ipv4: 10.0.0.0/33}\n",
	 "source.ipv4: '10.0.0.0/33' is not an IPv4 address or prefix, such as 10.9.0.0/24"},
	{"a prefix with host bits",
	 "source: {ipv4: 10.0.0.1/24}\n",
	 "source.ipv4: '10.0.0.1/24' has bits set after its prefix; it would be 10.0.0.0/24"},
	{"an IPv6 prefix with host bits",
	 "source: {ipv6: '2001:db8::1/64'}\n",
	 "source.ipv6: '2001:db8::1/64' has bits set after its prefix; it would be 2001:db8::/64"},
	{"a source that is multicast",
	 "source: {ipv4: 224.0.0.0/24}\n",
	 "source.ipv4: '224.0.0.0/24' has addresses that no host can have"},
	{"a source that is everything",
	 "source: {ipv4: 0.0.0.0/0}\n",
	 "source.ipv4: '0.0.0.0/0' has addresses that no host can have"},
	{"a source that reaches into multicast",
	 "source: {ipv4: 128.0.0.0/1}\n",
	 "source.ipv4: '128.0.0.0/1' has addresses that no host can have"},
	{"an interface without a name",
	 "interfaces: [{name: ''}]\n",
	 "interfaces[0].name: '' is not an interface's name: 1 to 15 characters without spaces, / and :"},
	{"an interface with a long name",
	 "interfaces: [{name: abcdefghijklmnop}]\n",
	 "interfaces[0].name: 'abcdefghijklmnop' is not an interface's name: 1 to 15 characters without "
	 "spaces, / and :"},
	{"an interface with a slash",
	 "interfaces: [{name: eth0/1}]\n",
	 "interfaces[0].name: 'eth0/1' is not an interface's name: 1 to 15 characters without spaces, / "
	 "and :"},
	{"an interface with a space",
	 "interfaces: [{name: 'eth 0'}]\n",
	 "interfaces[0].name: 'eth 0' is not an interface's name: 1 to 15 characters without spaces, / and :"},
	{"an interface called ..",
	 "interfaces: [{name: '..'}]\n",
	 "interfaces[0].name: '..' is not an interface's name: 1 to 15 characters without spaces, / and :"},
	{"an interface twice",
	 "interfaces: [{name: eth0}, {name: eth1}, {name: eth0}]\n",
	 "interfaces[2].name: 'eth0' is interfaces[0] already"},
	{"a pool with an empty name",
	 "pools: [{name: ''}]\n",
	 "pools[0].name: '' is not a name: 1 to 55 letters, digits, dots, dashes and underscores"},
	{"a pool with a slash",
	 "pools: [{name: a/b}]\n",
	 "pools[0].name: 'a/b' is not a name: 1 to 55 letters, digits, dots, dashes and underscores"},
	{"a pool with a name of 56",
	 "pools: [{name: nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn}]\n",
	 "pools[0].name: 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn' is not a name: 1 to "
	 "55 letters, digits, dots, dashes and underscores"},
	{"two pools of one name",
	 "pools: [{name: a}, {name: b}, {name: a}]\n",
	 "pools[2].name: 'a' is the name of pools[0] already"},
	{"a table that is no prime",
	 "pools: [{name: web, table-size: 65536}]\n",
	 "pools[web].table-size: 65536 is not a prime; the nearest are 65521 and 65537"},
	{"a table of the smallest even size",
	 "pools: [{name: web, table-size: 252}]\n",
	 "pools[web].table-size: 252 is not a prime; the nearest are 251 and 257"},
	{"a table one below the largest",
	 "pools: [{name: web, table-size: 131070}]\n",
	 "pools[web].table-size: 131070 is not a prime; the nearest are 131063 and 131071"},
	{"a backend that is no address",
	 "pools: [{name: web, backends: [{address: '10.0.0.1'}, {address: '10.0.0.2'}, {address: "
	 "'10.0.0.300'}]}]\n",
	 "pools[web].backends[2].address: '10.0.0.300' is not an IPv4 or IPv6 address"},
	{"a backend by name",
	 "pools: [{name: web, backends: [{address: 'www.example.com'}]}]\n",
	 "pools[web].backends[0].address: 'www.example.com' is not an IPv4 or IPv6 address: names are not "
	 "looked up; write the address"},
	{"a backend with a port",
	 "pools: [{name: web, backends: [{address: '10.0.0.1:80'}]}]\n",
	 "pools[web].backends[0].address: '10.0.0.1:80' is not an IPv4 or IPv6 address: write the address "
	 "alone, without a port"},
	{"a backend with an empty address",
	 "pools: [{name: web, backends: [{address: ''}]}]\n",
	 "pools[web].backends[0].address: '' is not an IPv4 or IPv6 address: it is empty"},
	{"a backend that is loopback",
	 "pools: [{name: web, backends: [{address: '127.0.0.1'}]}]\n",
	 "pools[web].backends[0].address: '127.0.0.1' is not an address that a host can have"},
	{"a backend that is loopback, IPv6",
	 "pools: [{name: web, backends: [{address: '::1'}]}]\n",
	 "pools[web].backends[0].address: '::1' is not an address that a host can have"},
	{"a backend that is multicast",
	 "pools: [{name: web, backends: [{address: 'ff02::1'}]}]\n",
	 "pools[web].backends[0].address: 'ff02::1' is not an address that a host can have"},
	{"a backend twice",
	 "pools: [{name: web, backends: [{address: '10.0.0.1'}, {address: '10.0.0.2'}, {address: "
	 "'10.0.0.1'}]}]\n",
	 "pools[web].backends[2].address: 10.0.0.1 is backends[0] already"},
	{"a backend twice, written differently",
	 "pools: [{name: web, backends: [{address: '2001:db8::1'}, {address: '2001:DB8:0::1'}]}]\n",
	 "pools[web].backends[1].address: 2001:db8::1 is backends[0] already"},
	{"a backend at a service's address",
	 "pools: [{name: web, backends: [{address: '10.0.0.1'}, {address: '192.0.2.1'}]}]\nservices: "
	 "[{protocol: tcp, address: 192.0.2.1, port: 80, pool: web}]\n",
	 "pools[web].backends[1].address: 192.0.2.1 is the address of services[0]; a backend is reached "
	 "by an address of its own"},
	{"a service that is no address",
	 "pools: [{name: web}]\nservices: [{protocol: tcp, address: 192.0.2, port: 80, pool: web}]\n",
	 "services[0].address: '192.0.2' is not an IPv4 or IPv6 address or prefix"},
	{"a service that is multicast",
	 "pools: [{name: web}]\nservices: [{protocol: tcp, address: 224.0.0.1, port: 80, pool: web}]\n",
	 "services[0].address: '224.0.0.1' is not an address that a host can have"},
	{"a service with another's pool",
	 "pools: [{name: web}, {name: dns}]\nservices: [{protocol: tcp, address: 192.0.2.1, port: 80, "
	 "pool: smtp}]\n",
	 "services[0].pool: there is no pool 'smtp'; there are web, dns"},
	{"a service with a misspelt pool",
	 "pools: [{name: web}]\nservices: [{protocol: tcp, address: 192.0.2.1, port: 80, pool: wbe}]\n",
	 "services[0].pool: there is no pool 'wbe'; did you mean 'web'?"},
	{"a service with a pool where there is one",
	 "pools: [{name: web}]\nservices: [{protocol: tcp, address: 192.0.2.1, port: 80, pool: smtp}]\n",
	 "services[0].pool: there is no pool 'smtp'; there is web"},
	{"a service with a pool where there are none",
	 "services: [{protocol: tcp, address: 192.0.2.1, port: 80, pool: web}]\n",
	 "services[0].pool: there is no pool 'web', nor any other"},
	{"a service with a pool where there are many",
	 "pools: [{name: pool0}, {name: pool1}, {name: pool2}, {name: pool3}, {name: pool4}, {name: "
	 "pool5}, {name: pool6}, {name: pool7}, {name: pool8}, {name: pool9}]\nservices: [{protocol: "
	 "tcp, address: 192.0.2.1, port: 80, pool: x}]\n",
	 "services[0].pool: there is no pool 'x'; there are pool0, pool1, pool2, pool3, pool4, pool5, "
	 "pool6, pool7 and others"},
	{"a service twice",
	 "pools: [{name: web}]\nservices:\n- {protocol: tcp, address: 192.0.2.1, port: 80, pool: web}\n- "
	 "{protocol: udp, address: 192.0.2.1, port: 80, pool: web}\n- {protocol: tcp, address: "
	 "192.0.2.1, port: 80, pool: web}\n",
	 "services[2]: tcp/192.0.2.1:80 is services[0] already"},
	{"an IPv6 service twice",
	 "pools: [{name: web}]\nservices:\n- {protocol: udp, address: '2001:db8::1', port: 53, pool: "
	 "web}\n- {protocol: udp, address: '2001:db8:0:0::1', port: 53, pool: web}\n",
	 "services[1]: udp/[2001:db8::1]:53 is services[0] already"},
	{"a check without a type",
	 "pools: [{name: web, check: {interval: 1s}}]\n",
	 "pools[web].check.type is missing; allowed are none, tcp, http, https, dns, icmp, udp, tls, grpc, exec"},
	{"a check of nothing",
	 "pools: [{name: web, check: {}}]\n",
	 "pools[web].check.type is missing; allowed are none, tcp, http, https, dns, icmp, udp, tls, grpc, exec"},
	{"an interval without a unit",
	 "pools: [{name: web, check: {type: tcp, interval: 5}}]\n",
	 "pools[web].check.interval: '5' is not a duration; it is a number and ms, s, m or h, such as 500ms"},
	{"an interval in days",
	 "pools: [{name: web, check: {type: tcp, interval: 1d}}]\n",
	 "pools[web].check.interval: '1d' is not a duration; it is a number and ms, s, m or h, such as 500ms"},
	{"an interval too short",
	 "pools: [{name: web, check: {type: tcp, interval: 5ms}}]\n",
	 "pools[web].check.interval: '5ms' is out of range; allowed are 10ms to 1h"},
	{"an interval too long",
	 "pools: [{name: web, check: {type: tcp, interval: 2h}}]\n",
	 "pools[web].check.interval: '2h' is out of range; allowed are 10ms to 1h"},
	{"a timeout longer than the interval",
	 "pools: [{name: web, check: {type: tcp, interval: 1s, timeout: 2s}}]\n",
	 "pools[web].check.timeout: 2s is longer than interval, 1s"},
	{"a fast interval that is slow",
	 "pools: [{name: web, check: {type: tcp, fast-interval: 3s}}]\n",
	 "pools[web].check.fast-interval: 3s is longer than interval, 2s"},
	{"bad times where nothing is checked",
	 "pools: [{name: web, check: {type: none, interval: soon}}]\n",
	 "pools[web].check.interval: 'soon' is not a duration; it is a number and ms, s, m or h, such as "
	 "500ms"},
	{"a path for tcp",
	 "pools: [{name: web, check: {type: tcp, path: /}}]\n",
	 "pools[web].check.path: a tcp check has none; only http and https have; leave it out, or unset it by an empty text"},
	{"a host for tcp",
	 "pools: [{name: web, check: {type: tcp, host: a}}]\n",
	 "pools[web].check.host: a tcp check has none; only http, https, tls and grpc have; leave it out, or unset it by an empty text"},
	{"a status for tcp",
	 "pools: [{name: web, check: {type: tcp, status: '200'}}]\n",
	 "pools[web].check.status: a tcp check has none; only http and https have; leave it out, or unset it by an empty text"},
	{"a body for tcp",
	 "pools: [{name: web, check: {type: tcp, body: ok}}]\n",
	 "pools[web].check.body: a tcp check has none; only http and https have; leave it out, or unset it by an empty text"},
	{"certificates for tcp",
	 "pools: [{name: web, check: {type: tcp, verify: yes}}]\n",
	 "pools[web].check.verify: a check of type tcp sees no certificate; only https, tls, and grpc with tls: yes do"},
	{"certificates for http",
	 "pools: [{name: web, check: {type: http, verify: yes}}]\n",
	 "pools[web].check.verify: a check of type http sees no certificate; only https, tls, and grpc with tls: yes do"},
	{"a path without a slash",
	 "pools: [{name: web, check: {type: http, path: health}}]\n",
	 "pools[web].check.path: 'health' is not a path; it starts with / and has at most 1024 "
	 "characters, visible ASCII without spaces"},
	{"a path with a space",
	 "pools: [{name: web, check: {type: http, path: '/a b'}}]\n",
	 "pools[web].check.path: '/a b' is not a path; it starts with / and has at most 1024 characters, "
	 "visible ASCII without spaces"},
	{"an empty path",
	 "pools: [{name: web, check: {type: http, path: ''}}]\n",
	 "pools[web].check.path: '' is not a path; it starts with / and has at most 1024 characters, "
	 "visible ASCII without spaces"},
	{"a path with a line break",
	 "pools: [{name: web, check: {type: http, path: \"/a\\nX: y\"}}]\n",
	 "pools[web].check.path: '/a?X: y' is not a path; it starts with / and has at most 1024 "
	 "characters, visible ASCII without spaces"},
	{"a host with a line break",
	 "pools: [{name: web, check: {type: http, host: \"a\\r\\nX: y\"}}]\n",
	 "pools[web].check.host: 'a??X: y' is not a host name; it has at most 255 characters, visible ASCII without spaces, / and @"},
	{"a host that is a URL",
	 "pools: [{name: web, check: {type: http, host: 'http://a/'}}]\n",
	 "pools[web].check.host: 'http://a/' is not a host name; it has at most 255 characters, visible ASCII without spaces, / and @"},
	{"a status of letters",
	 "pools: [{name: web, check: {type: http, status: 2xx}}]\n",
	 "pools[web].check.status: '2xx' is not a list of HTTP status codes (100 to 599) and ranges of "
	 "them, such as 200,300-399"},
	{"a status out of range",
	 "pools: [{name: web, check: {type: http, status: '600'}}]\n",
	 "pools[web].check.status: '600' is not a list of HTTP status codes (100 to 599) and ranges of "
	 "them, such as 200,300-399"},
	{"a status range backwards",
	 "pools: [{name: web, check: {type: http, status: 399-200}}]\n",
	 "pools[web].check.status: '399-200' is not a list of HTTP status codes (100 to 599) and ranges "
	 "of them, such as 200,300-399"},
	{"a status range without an end",
	 "pools: [{name: web, check: {type: http, status: '200-'}}]\n",
	 "pools[web].check.status: '200-' is not a list of HTTP status codes (100 to 599) and ranges of "
	 "them, such as 200,300-399"},
	{"a status list with a hole",
	 "pools: [{name: web, check: {type: http, status: '200,,204'}}]\n",
	 "pools[web].check.status: '200,,204' is not a list of HTTP status codes (100 to 599) and ranges "
	 "of them, such as 200,300-399"},
	{"a status list that goes on",
	 "pools: [{name: web, check: {type: http, status: '200,'}}]\n",
	 "pools[web].check.status: '200,' is not a list of HTTP status codes (100 to 599) and ranges of "
	 "them, such as 200,300-399"},
	{"a status list with spaces",
	 "pools: [{name: web, check: {type: http, status: '200, 204'}}]\n",
	 "pools[web].check.status: '200, 204' is not a list of HTTP status codes (100 to 599) and ranges "
	 "of them, such as 200,300-399"},
	{"an empty status",
	 "pools: [{name: web, check: {type: http, status: ''}}]\n",
	 "pools[web].check.status: '' is not a list of HTTP status codes (100 to 599) and ranges of "
	 "them, such as 200,300-399"},
	{"an idle timeout that is no time",
	 "flows: {idle-timeout: long}\n",
	 "flows.idle-timeout: 'long' is not a duration; it is a number and ms, s, m or h, such as 5m"},
	{"an idle timeout too short",
	 "flows: {idle-timeout: 999ms}\n",
	 "flows.idle-timeout: '999ms' is out of range; allowed are 1s to 24h"},
	{"a timeout of openings too long",
	 "flows: {opening-timeout: 25h}\n",
	 "flows.opening-timeout: '25h' is out of range; allowed are 1s to 24h"},
	{"a timeout of closings of nothing",
	 "flows: {closing-timeout: ''}\n",
	 "flows.closing-timeout: '' is not a duration; it is a number and ms, s, m or h, such as 5m"},
	{"an affinity in days",
	 "pools: [{name: web, affinity: 1d}]\n",
	 "pools[web].affinity: '1d' is not a duration; it is a number and ms, s, m or h, such as 5m"},
	{"an affinity of no time",
	 "pools: [{name: web, affinity: 0s}]\n",
	 "pools[web].affinity: '0s' is out of range; allowed are 1s to 24h"},
	{"a slow start that never ends",
	 "pools: [{name: web, slow-start: 48h}]\n",
	 "pools[web].slow-start: '48h' is out of range; allowed are 1s to 24h"},
	{"a deadline that is no time",
	 "pools: [{name: web, backends: [{address: 10.0.0.1}, {address: 10.0.0.2, drain-deadline: soon}]}]\n",
	 "pools[web].backends[1].drain-deadline: 'soon' is not a duration; it is a number and ms, s, m or h, such "
	 "as 5m"},
	{"a deadline too short",
	 "pools: [{name: web, backends: [{address: 10.0.0.1, drain-deadline: 10ms}]}]\n",
	 "pools[web].backends[0].drain-deadline: '10ms' is out of range; allowed are 1s to 24h"},
	{"a prefix where flows are hashed",
	 "pools: [{name: web, source-prefix-ipv4: 24}]\n",
	 "pools[web].source-prefix-ipv4: without scheduler sh or affinity a flow goes by more than its client's "
	 "address; allowed is 32"},
	{"a prefix where flows take turns",
	 "pools: [{name: web, scheduler: rr, source-prefix-ipv6: 64}]\n",
	 "pools[web].source-prefix-ipv6: without scheduler sh or affinity a flow goes by more than its client's "
	 "address; allowed is 128"},
	{"a tunnel's port without a tunnel",
	 "pools: [{name: web, mode: l2, tunnel-port: 6080}]\n",
	 "pools[web].tunnel-port: mode l2 has no UDP port; gue, gue1 and fou have one (0 takes it back)"},
	{"a tunnel's port where the mode is the default",
	 "pools: [{name: web, tunnel-port: 6080}]\n",
	 "pools[web].tunnel-port: mode ipip has no UDP port; gue, gue1 and fou have one (0 takes it back)"},
	{"a tunnel's port in a tunnel without UDP",
	 "pools: [{name: web, mode: gre, tunnel-port: 6080}]\n",
	 "pools[web].tunnel-port: mode gre has no UDP port; gue, gue1 and fou have one (0 takes it back)"},
	{"fou with the last port",
	 "pools: [{name: web, mode: fou, tunnel-port: 65535}]\n",
	 "pools[web].tunnel-port: 65535 leaves none for IPv6, which fou sends to the next; allowed are 1 to 65534"},
	{"lrt without a check",
	 "pools: [{name: web, scheduler: lrt}]\n",
	 "pools[web].scheduler: lrt goes by the response times of probes; give the pool a check"},
	{"lrt with a check that is off",
	 "pools: [{name: web, scheduler: lrt, check: {type: none}}]\n",
	 "pools[web].scheduler: lrt goes by the response times of probes; give the pool a check"},
	{"lrt with a check of no type",
	 "pools: [{name: web, scheduler: lrt, check: {}}]\n",
	 "pools[web].check.type is missing; allowed are none, tcp, http, https, dns, icmp, udp, tls, grpc, exec"},
	{"a tcp service that sticks",
	 "pools: [{name: web}]\nservices: [{protocol: tcp, address: 192.0.2.1, port: 80, pool: web, sticky: 1m}]\n",
	 "services[0].sticky: flows of tcp stay with their backends anyway; it is for all other protocols"},
	{"a service that sticks for no time",
	 "pools: [{name: web}]\nservices: [{protocol: udp, address: 192.0.2.1, port: 80, pool: web, sticky: 5}]\n",
	 "services[0].sticky: '5' is not a duration; it is a number and ms, s, m or h, such as 5m"},
	{"quic without the length",
	 "pools: [{name: web, backends: []}]\nservices: [{protocol: udp, address: 192.0.2.1, port: 443, pool: web, quic: {config: 1}}]\n",
	 "services[0].quic.server-id-length is missing; allowed are 1 to 15 octets, or 0: not by connection ids"},
	{"quic of a tcp service",
	 "pools: [{name: web, backends: []}]\nservices: [{protocol: tcp, address: 192.0.2.1, port: 443, pool: web, quic: {server-id-length: 4}}]\n",
	 "services[0].quic: QUIC is carried by udp, this service is tcp"},
	{"a server id that is no hexadecimal",
	 "pools: [{name: web, backends: [{address: 10.0.0.1, server-id: xyz1}]}]\n",
	 "pools[web].backends[0].server-id: 'xyz1' is not 1 to 15 octets, each two hexadecimal digits, such as 0a1b"},
	{"a server id of half an octet",
	 "pools: [{name: web, backends: [{address: 10.0.0.1, server-id: '012'}]}]\n",
	 "pools[web].backends[0].server-id: '012' is not 1 to 15 octets, each two hexadecimal digits, such as 0a1b"},
	{"a server id with a prefix",
	 "pools: [{name: web, backends: [{address: 10.0.0.1, server-id: '0x0a'}]}]\n",
	 "pools[web].backends[0].server-id: '0x0a' is not 1 to 15 octets, each two hexadecimal digits, such as 0a1b"},
	{"a server id too long",
	 "pools: [{name: web, backends: [{address: 10.0.0.1, server-id: '00112233445566778899aabbccddeeff'}]}]\n",
	 "pools[web].backends[0].server-id: '00112233445566778899aabbccddeeff' is not 1 to 15 octets, each two hexadecimal digits, such as 0a1b"},
	{"a server id twice in a pool",
	 "pools: [{name: web, backends: [{address: 10.0.0.1, server-id: 0A1B}, {address: 10.0.0.2}, {address: 10.0.0.3, server-id: 0a1b}]}]\n",
	 "pools[web].backends[2].server-id: 0a1b is that of backends[0] already"},
	{"a server id of another length than the service looks for",
	 "pools: [{name: web, backends: [{address: 10.0.0.1}, {address: 10.0.0.2, server-id: '0a'}]}]\nservices: [{protocol: udp, address: 192.0.2.1, port: 443, pool: web, quic: {server-id-length: 4}}]\n",
	 "pools[web].backends[1].server-id: 0a has 1 octet; the server-id-length of udp/192.0.2.1:443 is 4"},
	{"services of different ports",
	 "pools: [{name: web, check: {type: tcp}}]\nservices:\n- {protocol: tcp, address: 192.0.2.1, "
	 "port: 80, pool: web}\n- {protocol: tcp, address: 192.0.2.1, port: 443, pool: web}\n",
	 "pools[web].check.port is missing: the pool's services have different ports, a range, or none; set the one to probe"},
};
/* clang-format on */

static void check(void **state)
{
	const struct row *row = *state;
	struct config *config = NULL;
	struct err err = {"untouched"};
	struct doc *doc = NULL;

	if (source_parse("f", row->text, strlen(row->text), &doc, &err))
		fail_msg("%s", err.text);
	assert_int_equal(config_compile(doc, &config, &err), -EINVAL);
	assert_string_equal(err.text, row->sentence);
	assert_null(config);
	assert_int_equal(config_compile(doc, &config, NULL), -EINVAL);
	source_free(doc);
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(rows)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		tests[i] = (struct CMUnitTest){rows[i].name, check, NULL, NULL, (void *)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
