/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A daemon behind struct serve_calls that keeps nothing but what it was asked last: two pools, three
 * services, and errors as the test orders them.
 */
#ifndef TESTS_FAKE_DAEMON_H
#define TESTS_FAKE_DAEMON_H

#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "serve/serve.h"

struct fake {
	/* orders */
	int error;    /* what the next change returns, with the sentence "as ordered" */
	bool is_mute; /* no snapshot, no export */
	bool is_odd;  /* texts that are not UTF-8 or move the cursor, names missing */
	enum leat_verdict verdict;
	const char *sent_to;           /* address that the program tunnels to */
	unsigned int service, backend; /* what the tables say */
	bool tracked;
	unsigned int previous, pin;
	/* record */
	unsigned int edits, applies, detaches;
	struct serve_edit edit;
	char pool[256], name[256], body[512];
	bool dry_run;
	size_t applied_length;
	char applied[256];
	struct explain_question question;
	/* maps */
	struct leat_service services[4];
	struct leat_pool pools[4];
	struct leat_backend backends[4];
	struct world world;
};

static inline struct leat_addr fake_addr(const char *text)
{
	struct leat_addr addr = {};

	addr_parse(text, &addr);
	return addr;
}

static inline struct leat_service_key fake_key(const char *text, uint16_t port, uint8_t protocol)
{
	return (struct leat_service_key){.addr = fake_addr(text), .port = htons(port), .protocol = protocol};
}

static inline void fake_fill_web(const struct fake *fake, struct snapshot_pool *pool)
{
	static struct config_range statuses[] = {{200, 299}, {404, 404}};

	*pool = (struct snapshot_pool){
		.name = fake->is_odd ? NULL : string_copy("web"),
		.scheduler = fake->is_odd ? 77 : DOC_SCHEDULER_WLC,
		.by_client = true,
		.prefix4 = 24,
		.prefix6 = 128,
		.affinity_ms = 600000,
		.slow_start_ms = 30000,
		.is_settling = true,
		.looks_back = true,
		.older = 9,
		.slots = 65537,
		.tracked = 12,
		.pins = 340,
		.states = {3, 330, 7, 0},
		.astray = 5,
		.oldest_s = 75,
		.mode = fake->is_odd ? 77 : LEAT_MODE_IPIP,
		.table_size = 65537,
		.all_down = DOC_ALL_DOWN_FAIL_OPEN,
		.check = {.type = DOC_CHECK_HTTPS,
			  .port = 8443,
			  .interval_ms = 2000,
			  .fast_interval_ms = 500,
			  .timeout_ms = 1000,
			  .rise = 2,
			  .fall = 3,
			  .path = "/health",
			  .statuses = statuses,
			  .status_count = 2,
			  .verify = true},
		.backend_count = 2,
		.backends = memory_zeroed(2, sizeof(struct snapshot_backend)),
	};
	pool->backends[0] = (struct snapshot_backend){
		.addr = fake_addr("10.0.0.1"),
		.weight = 2,
		.effective_weight = 1,
		.state = DOC_STATE_ENABLED,
		.health = HEALTH_UP,
		.in_table = true,
		.lives = true,
		.is_starting = true,
		.connections = 17,
		.latency_us = 1234,
		.slots = 65537,
		.forwarded = {7, 700},
		.check = string_copy(fake->is_odd ? "\xff\x1b[2J" : "HTTP 200 in 1 ms"),
		.resolved = true,
		.interface = string_copy("eth0"),
		.link_address = string_copy("02:00:00:00:00:01"),
		.vlans = {200, 300},
		.mtu = 1500,
	};
	pool->backends[1] = (struct snapshot_backend){.addr = fake_addr("10.0.0.2"),
						      .weight = 1,
						      .state = DOC_STATE_DRAINING,
						      .drain_deadline_ms = 300000,
						      .drain_left_s = 241,
						      .server_id = {.byte = {4, 0x5a, 0x5a, 0x5a, 0x02}},
						      .lives = true,
						      .health = HEALTH_UP};
}

static inline struct snapshot *fake_snapshot(void *context)
{
	const struct fake *fake = context;
	struct snapshot *s;

	if (fake->is_mute)
		return NULL;
	s = memory_zeroed(1, sizeof(*s));
	s->version = "9.8.7";
	s->uptime_s = 3723;
	s->seed = 0xfeed;
	s->configuration = 5;
	s->icmp_rate = 100;
	s->fragments = 8192;
	strcpy(s->kernel, "6.12.9-amd64");
	s->interface_count = 5;
	s->interfaces = memory_zeroed(5, sizeof(*s->interfaces));
	s->interfaces[0] = (struct snapshot_interface){.name = string_copy("eth0"),
						       .attached = true,
						       .mode = string_copy("native"),
						       .program_id = 42};
	s->interfaces[1] = (struct snapshot_interface){.name = string_copy("eth1"),
						       .problem = string_copy("no such interface")};
	s->interfaces[2] = (struct snapshot_interface){.name = string_copy("bond0"),
						       .attached = true,
						       .bond = true,
						       .mode = string_copy("native (members)"),
						       .problem = string_copy("eth3: its driver cannot")};
	s->interfaces[3] = (struct snapshot_interface){.name = string_copy("eth2"),
						       .member_of = string_copy("bond0"),
						       .attached = true,
						       .frags = true,
						       .mode = string_copy("native"),
						       .program_id = 43};
	s->interfaces[4] = (struct snapshot_interface){.name = string_copy("bond1"),
						       .attached = true,
						       .bond = true,
						       .dispatcher = true,
						       .mode = string_copy("native (dispatcher)"),
						       .program_id = 44};
	s->pool_count = 2;
	s->pools = memory_zeroed(2, sizeof(*s->pools));
	fake_fill_web(fake, &s->pools[0]);
	s->pools[1] = (struct snapshot_pool){.name = string_copy("empty.v6"),
					     .mode = LEAT_MODE_FOU,
					     .tunnel_port = 5555,
					     .table_size = 251,
					     .all_down = DOC_ALL_DOWN_REFUSE,
					     .is_all_down = true};
	s->service_count = 3;
	s->services = memory_zeroed(3, sizeof(*s->services));
	s->services[0] = (struct snapshot_service){
		fake_key("192.0.2.10", 80, IPPROTO_TCP), string_copy("web"), 0, {9, 900}};
	s->services[1] =
		(struct snapshot_service){fake_key("192.0.2.10", 80, IPPROTO_UDP), string_copy("web"), 60000, .quic = LEAT_QUIC(2, 4)};
	s->services[2] =
		(struct snapshot_service){fake_key("2001:db8::1", 443, IPPROTO_TCP), string_copy("empty.v6")};
	s->flows = (struct snapshot_flows){1048576, 16384, 340, 131072, 77, 1875, {[LEAT_FLOW_PINNED] = 345}};
	s->verdicts[LEAT_FORWARDED] = (struct leat_counter){7, 700};
	s->verdicts[LEAT_NOT_SERVICE] = (struct leat_counter){20, 2000};
	s->verdicts[LEAT_NO_BACKEND] = (struct leat_counter){2, 200};
	return s;
}

static inline char *fake_export(void *context)
{
	const struct fake *fake = context;

	return fake->is_mute ? NULL : string_copy("seed: feed\npools: []\n");
}

static inline int fake_refuse(const struct fake *fake, struct err *err)
{
	return fake->error ? err_set(err, fake->error, "as ordered") : 0;
}

static inline int fake_apply(void *context, const char *text, size_t length, bool dry_run,
			     struct diff **ret_diff, struct err *err)
{
	struct fake *fake = context;
	struct diff *diff;

	fake->applies++;
	fake->dry_run = dry_run;
	fake->applied_length = length;
	snprintf(fake->applied, sizeof(fake->applied), "%.200s", text);
	if (fake->error)
		return fake_refuse(fake, err);
	if (!length) /* no diff at all */
		return 0;
	diff = memory_zeroed(1, sizeof(*diff));
	diff->line_count = 3;
	diff->lines = memory_zeroed(3, sizeof(*diff->lines));
	diff->lines[0] =
		(struct diff_line){DIFF_ADDED, string_copy("service"), string_copy("tcp/192.0.2.10:80")};
	diff->lines[1] = (struct diff_line){DIFF_CHANGED, string_copy("backend"), string_copy("web/10.0.0.1"),
					    string_copy("weight 1 -> 5")};
	diff->lines[2] = (struct diff_line){DIFF_REMOVED, string_copy("pool"), string_copy("old")};
	diff->pool_count = 1;
	diff->pools = memory_zeroed(1, sizeof(*diff->pools));
	diff->pools[0] = (struct diff_pool){string_copy("web"), 65537, 1234};
	*ret_diff = diff;
	return 0;
}

static inline int fake_edit(void *context, const struct serve_edit *edit, struct err *err)
{
	struct fake *fake = context;

	fake->edits++;
	fake->edit = *edit;
	snprintf(fake->pool, sizeof(fake->pool), "%s", edit->pool ? edit->pool : "(null)");
	snprintf(fake->name, sizeof(fake->name), "%s", edit->name ? edit->name : "(null)");
	snprintf(fake->body, sizeof(fake->body), "%.*s", edit->body ? (int)edit->body_length : 6,
		 edit->body ? edit->body : "(null)");
	return fake_refuse(fake, err);
}

static inline int fake_detach_all(void *context, struct err *err)
{
	struct fake *fake = context;

	fake->detaches++;
	return fake_refuse(fake, err);
}

/* Ethernet, IPv4 to sent_to, IPv4 198.51.100.7 > 192.0.2.10, TCP 4000 > 80 SYN */
static inline unsigned int fake_tunnel(const char *sent_to, unsigned char *frame)
{
	static const unsigned char packet[] = {
		2,  0,    0,    0,  0,  1, 2, 0,  0,   0,    0,   9, 8,   0, 0x45, 0,    0,    60,   0,
		0,  0x40, 0,    64, 4,  0, 0, 10, 0,   0,    9,   0, 0,   0, 0,    0x45, 0,    0,    40,
		0,  0,    0x40, 0,  63, 6, 0, 0,  198, 51,   100, 7, 192, 0, 2,    10,   0x0f, 0xa0, 0,
		80, 0,    0,    0,  0,  0, 0, 0,  0,   0x50, 2,   0, 0,   0, 0,    0,    0,
	};
	struct leat_addr addr = fake_addr(sent_to);

	memcpy(frame, packet, sizeof(packet));
	memcpy(frame + 30, &addr.word[3], 4);
	return sizeof(packet);
}

static inline int fake_explain(void *context, const struct explain_question *question,
			       struct explain_answer *ret_answer, struct explain_run *ret_run,
			       struct err *err)
{
	struct fake *fake = context;

	fake->question = *question;
	*ret_answer = (struct explain_answer){.service = fake->service};
	if (fake->service)
		*ret_answer = (struct explain_answer){fake->service, 1, 1234, 65537, fake->backend,
						      fake->backend ? 2 : 0, fake->tracked, fake->previous,
						      fake->pin};
	ret_run->verdict = fake->verdict;
	ret_run->xdp_action = fake->verdict == LEAT_FORWARDED ? XDP_TX : XDP_PASS;
	ret_run->left_length = fake->is_odd ? 100000 : fake_tunnel(fake->sent_to, ret_run->left);
	return fake_refuse(fake, err);
}

static inline const struct world *fake_world(void *context)
{
	struct fake *fake = context;

	return fake->is_mute ? NULL : &fake->world;
}

static inline struct serve_calls fake_calls(struct fake *fake)
{
	*fake = (struct fake){.verdict = LEAT_FORWARDED, .sent_to = "10.0.0.1", .service = 1, .backend = 1};
	fake->services[1].key = fake_key("192.0.2.10", 80, IPPROTO_TCP);
	fake->services[1].pool = 1;
	strcpy(fake->pools[1].name, "web");
	fake->backends[1] = (struct leat_backend){.addr = fake_addr("10.0.0.1"), .weight = 2};
	fake->backends[1].ways[0] = (struct leat_way){.mode = LEAT_MODE_IPIP, .ifindex = 3};
	fake->backends[2] = (struct leat_backend){.addr = fake_addr("10.0.0.2"), .weight = 1};
	fake->backends[3] = (struct leat_backend){.addr = fake_addr("10.0.0.3"), .weight = 1, .lives = 1};
	fake->backends[3].ways[0] = fake->backends[1].ways[0];
	fake->world =
		(struct world){.services = fake->services, .pools = fake->pools, .backends = fake->backends};
	return (struct serve_calls){fake_snapshot, fake_export, fake_apply,      fake_edit,
				    fake_explain,  fake_world,  fake_detach_all, fake};
}

#endif
