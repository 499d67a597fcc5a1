/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cases as text: see case.h. */
#include <errno.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
#include "base/shape.h"
#include "fuzz/case.h"

#define MAC         "%02hhx:%02hhx:%02hhx:%02hhx:%02hhx:%02hhx"
#define MACS(m)     m[0], m[1], m[2], m[3], m[4], m[5]
#define MACP(m)     &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]
#define LINE_LENGTH (2 * FRAME_MAX + 64)

/* --- writing -----------------------------------------------------------------------------------------------
 */

static const char *interface_name(const struct settings *s, uint32_t index)
{
	unsigned int i;

	for (i = 0; i < INTERFACE_ASTRAY && s->interfaces[i] != index;)
		i++;
	return settings_interface_names[i];
}

static void write_member(FILE *out, const struct settings *s, const struct reference_member *m)
{
	char addr[ADDR_TEXT_MAX], source[ADDR_TEXT_MAX];
	const struct reference_way *w = &m->way;
	unsigned int i;

	fprintf(out, "member %s weight %u %s %s latency %u ", addr_format(&m->addr, addr), m->weight,
		m->is_in_table ? "in" : "out", m->lives ? "lives" : "dead", m->latency_us);
	if (m->id_length)
		fprintf(out, "id ");
	for (i = 0; i < m->id_length; i++)
		fprintf(out, "%02x%s", m->id[i], i + 1 < m->id_length ? "" : " ");
	if (!w->is_known) {
		fprintf(out, "unknown\n");
		return;
	}
	fprintf(out, "by %s mtu %u to " MAC " from " MAC " source %s mask %x\n",
		interface_name(s, w->ifindex), w->mtu, MACS(w->to), MACS(w->from),
		addr_format(&w->source, source), w->source_mask);
	for (i = 0; i < w->tag_count; i++)
		fprintf(out, "tag %04x %04x\n", w->tags[i].type, w->tags[i].tci);
}

static const char *const schedulers[] = {
	[REFERENCE_MH] = "mh",       [REFERENCE_TURN] = "turn", [REFERENCE_RANDOM] = "random",
	[REFERENCE_LEAST] = "least", [REFERENCE_TWO] = "two",   [REFERENCE_LATENCY] = "latency",
};

static const char *const modes[] = {
	[REFERENCE_L2] = "l2",   [REFERENCE_IPIP] = "ipip", [REFERENCE_GRE] = "gre",
	[REFERENCE_GUE] = "gue", [REFERENCE_GUE1] = "gue1", [REFERENCE_FOU] = "fou",
};

static void write_pool(FILE *out, const struct reference_pool *p)
{
	fprintf(out, "pool p%u %s %u %s %s %s %u %u sticky %u tunnel %u\n", p->name, modes[p->mode], p->table_size,
		schedulers[p->scheduler], p->waits ? "waits" : "free", p->by_client ? "client" : "port",
		p->prefix4, p->prefix6, p->sticky_ticks, p->tunnel_port);
}

static void write_service(FILE *out, const struct reference_service *s)
{
	struct leat_service_key key = settings_key(s);
	char addr[ADDR_TEXT_MAX], port[ADDR_TEXT_MAX];

	fprintf(out, "service %s %s %s %u %s quic %u %u access %u\n", shape_protocol(s->protocol), shape_address_format(&key, addr),
		shape_port_format(&key, port), s->pool, s->is_sticky ? "sticky" : "free", s->quic_length, s->quic_config, s->access);
}

static void write_settings(FILE *out, const struct settings *s)
{
	unsigned int i, j;

	fprintf(out, "seed %016jx\nerrors %s\nmetadata %u\n", (uintmax_t)s->seed, s->may_reply ? "yes" : "no",
		s->metadata);
	fprintf(out, "timeouts %hu %hu %hu\npins %s\nfragments %s\n", s->timeout[0], s->timeout[1], s->timeout[2],
		s->limits_pins ? "limited" : "free", s->forwards_fragments ? "yes" : "no");
	for (i = INTERFACE_OTHER; i <= INTERFACE_PEER; i++)
		if (s->allowed[i])
			fprintf(out, "allowed %s\n", settings_interface_names[i]);
	for (i = 0; i < s->pool_count; i++) {
		write_pool(out, &s->pools[i]);
		for (j = 0; j < s->pools[i].member_count; j++)
			write_member(out, s, &s->members[i][j]);
	}
	case_access_write(out, s);
	for (i = 0; i < s->service_count; i++)
		write_service(out, &s->services[i]);
}

static void write_frame(FILE *out, const struct frame *frame)
{
	unsigned int i;

	fprintf(out, "frame ");
	for (i = 0; i < frame->length; i++)
		fprintf(out, "%02x", frame->bytes[i]);
	fputc('\n', out);
}

static void write_event(FILE *out, const struct event *event)
{
	switch (event->kind) {
	case EVENT_CONFIGURATION:
		write_settings(out, event->settings);
		break;
	case EVENT_PACKET:
		write_frame(out, event->frame);
		break;
	case EVENT_TICKS:
		fprintf(out, "ticks %u\n", event->ticks);
		break;
	case EVENT_PASS:
		fprintf(out, "pass\n");
	}
}

bool case_changes_at_last(const struct fuzz_case *c)
{
	const struct settings *last = history_settings(&c->before);

	return !last || memcmp(last, &c->settings, sizeof(*last));
}

void case_clear(struct fuzz_case *c)
{
	history_clear(&c->before);
}

void case_write(FILE *out, const struct fuzz_case *c)
{
	unsigned int i;

	fprintf(out, "frags %s\n", c->frags ? "yes" : "no");
	for (i = 0; i < c->before.count; i++)
		write_event(out, &c->before.events[i]);
	if (case_changes_at_last(c))
		write_settings(out, &c->settings);
	if (c->frame.length)
		write_frame(out, &c->frame);
}

/* --- reading -----------------------------------------------------------------------------------------------
 */

struct reader {
	struct fuzz_case *c;
	struct reference_member *member; /* the last; NULL: none yet */
	struct settings blank;           /* before the first line of a configuration */
	bool has_events;                 /* since the last line of a configuration */
};

static int interface_of(const char *name)
{
	int i;

	for (i = 0; i < INTERFACE_COUNT; i++)
		if (!strcmp(settings_interface_names[i], name))
			return i;
	return -1;
}

static bool read_pool(struct reader *r, const char *line)
{
	struct settings *s = &r->c->settings;
	struct reference_pool *p = &s->pools[s->pool_count];
	char mode[8], scheduler[8], waits[8], by[8];

	if (s->pool_count++ == SETTINGS_POOLS_MAX ||
	    sscanf(line, "pool p%u %7s %u %7s %7s %7s %u %u sticky %u tunnel %hu", &p->name, mode, &p->table_size,
		   scheduler, waits, by, &p->prefix4, &p->prefix6, &p->sticky_ticks, &p->tunnel_port) != 10)
		return false;
	while (p->mode < ARRAY_SIZE(modes) && strcmp(mode, modes[p->mode]))
		p->mode++;
	p->waits = !strcmp(waits, "waits");
	p->by_client = !strcmp(by, "client");
	while (p->scheduler < ARRAY_SIZE(schedulers) && strcmp(scheduler, schedulers[p->scheduler]))
		p->scheduler++;
	return p->mode < ARRAY_SIZE(modes) && p->scheduler < ARRAY_SIZE(schedulers) && p->prefix4 <= 32 && p->prefix6 <= 128;
}

static bool read_way(const struct settings *s, const char *text, struct reference_way *way)
{
	char interface[16], source[ADDR_TEXT_MAX];

	if (!strcmp(text, "unknown"))
		return true;
	if (sscanf(text, "by %15s mtu %hu to " MAC " from " MAC " source %63s mask %x", interface, &way->mtu,
		   MACP(way->to), MACP(way->from), source, &way->source_mask) != 16 ||
	    interface_of(interface) < 0 || addr_parse(source, &way->source))
		return false;
	way->is_known = true;
	way->ifindex = s->interfaces[interface_of(interface)];
	return true;
}

/* Characters of a server id and the space behind it, if there is one. */
static int read_id(const char *text, struct reference_member *m)
{
	int at = 3;

	if (strncmp(text, "id ", 3))
		return 0;
	while (m->id_length < sizeof(m->id) && sscanf(text + at, "%2hhx", &m->id[m->id_length]) == 1 && text[at] != ' ') {
		m->id_length++;
		at += 2;
	}
	return at + (text[at] == ' ');
}

static bool read_member(struct reader *r, const char *line)
{
	struct settings *s = &r->c->settings;
	unsigned int pool = s->pool_count - 1;
	char addr[ADDR_TEXT_MAX], in[8], lives[8];
	int way = 0;

	if (!s->pool_count || s->pools[pool].member_count == SETTINGS_MEMBERS_MAX)
		return false;
	r->member = &s->members[pool][s->pools[pool].member_count++];
	if (sscanf(line, "member %63s weight %hu %7s %7s latency %u %n", addr, &r->member->weight, in, lives,
		   &r->member->latency_us, &way) != 5 ||
	    !way)
		return false;
	way += read_id(line + way, r->member);
	r->member->is_in_table = !strcmp(in, "in");
	r->member->lives = !strcmp(lives, "lives");
	return !addr_parse(addr, &r->member->addr) && read_way(s, line + way, &r->member->way);
}

static bool read_tag(struct reader *r, const char *line)
{
	unsigned int count = r->member ? r->member->way.tag_count++ : 2;

	return count < 2 && sscanf(line, "tag %hx %hx", &r->member->way.tags[count].type,
				   &r->member->way.tags[count].tci) == 2;
}

static bool read_service(struct reader *r, const char *line)
{
	struct settings *s = &r->c->settings;
	struct reference_service *service = &s->services[s->service_count];
	char protocol[8], addr[ADDR_TEXT_MAX], port[16], sticky[8] = "";
	struct leat_service_key key = {};

	if (s->service_count++ == SETTINGS_SERVICES_MAX ||
	    sscanf(line, "service %7s %63s %15s %u %7s quic %hhu %hhu access %u", protocol, addr, port, &service->pool, sticky,
		   &service->quic_length, &service->quic_config, &service->access) < 4 ||
	    service->access > s->access_count ||
	    service->quic_length > sizeof(r->member->id) || service->quic_config > 6 ||
	    shape_protocol_parse(protocol, &service->protocol) || shape_address_parse(addr, &key) || shape_port_parse(port, &key))
		return false;
	service->is_sticky = !strcmp(sticky, "sticky");
	service->addr = key.addr;
	service->host_bits = key.host_bits;
	service->port = ntohs(key.port);
	service->last_port = ntohs(key.last_port);
	return service->pool < s->pool_count;
}

static bool read_access(struct reader *r, const char *line)
{
	return case_access_read(&r->c->settings, line);
}

static bool read_prefix(struct reader *r, const char *line)
{
	return case_prefix_read(&r->c->settings, line);
}

static bool read_frame(struct reader *r, const char *line)
{
	struct frame *f = &r->c->frame;
	const char *at = line + strlen("frame ");

	for (f->length = 0; f->length < FRAME_MAX && sscanf(at, "%2hhx", &f->bytes[f->length]) == 1; at += 2)
		f->length++;
	if (f->length < 14 || *at)
		return false;
	history_packet(&r->c->before, f);
	return true;
}

static bool read_ticks(struct reader *r, const char *line)
{
	uint32_t ticks;

	if (sscanf(line, "ticks %u", &ticks) != 1)
		return false;
	history_ticks(&r->c->before, ticks);
	return true;
}

static bool read_pass(struct reader *r, const char *line)
{
	history_pass(&r->c->before);
	return true;
}

static bool read_one(struct reader *r, const char *line)
{
	struct settings *s = &r->c->settings;
	char word[16];
	uintmax_t seed;

	if (sscanf(line, "seed %jx", &seed) == 1) {
		s->seed = seed;
		return true;
	}
	if (sscanf(line, "timeouts %hu %hu %hu", &s->timeout[0], &s->timeout[1], &s->timeout[2]) == 3)
		return true;
	if (sscanf(line, "pins %15s", word) == 1)
		s->limits_pins = !strcmp(word, "limited");
	else if (sscanf(line, "errors %15s", word) == 1)
		s->may_reply = !strcmp(word, "yes");
	else if (sscanf(line, "fragments %15s", word) == 1)
		s->forwards_fragments = !strcmp(word, "yes");
	else if (sscanf(line, "frags %15s", word) == 1)
		r->c->frags = !strcmp(word, "yes");
	else if (sscanf(line, "allowed %15s", word) == 1 && interface_of(word) >= 0)
		s->allowed[interface_of(word)] = true;
	else
		return sscanf(line, "metadata %u", &s->metadata) == 1;
	return true;
}

/* From the lines of a configuration to what happens under it, or to those of the next. */
static void reader_turn(struct reader *r, bool is_event)
{
	struct settings *s = &r->c->settings;

	if (is_event && !r->has_events)
		history_configuration(&r->c->before, s);
	if (!is_event && r->has_events) {
		*s = r->blank;
		r->member = NULL;
	}
	r->has_events = is_event;
}

static bool read_line(struct reader *r, const char *line)
{
	static const struct {
		const char *word;
		bool (*read)(struct reader *, const char *);
		bool is_event;
	} rows[] = {{"frame ", read_frame, true}, {"ticks ", read_ticks, true},     {"pass", read_pass, true},
		    {"pool ", read_pool, false},  {"member ", read_member, false}, {"tag ", read_tag, false},
		    {"access ", read_access, false}, {"allow ", read_prefix, false}, {"deny ", read_prefix, false},
		    {"service ", read_service, false}, {"", read_one, false}};
	unsigned int i = 0;

	while (strncmp(line, rows[i].word, strlen(rows[i].word)))
		i++;
	reader_turn(r, rows[i].is_event);
	return rows[i].read(r, line);
}

/* The last packet, and the last configuration, have places of their own. */
static void settle(struct fuzz_case *c)
{
	struct history *h = &c->before;

	if (h->count && h->events[h->count - 1].kind == EVENT_PACKET)
		free(h->events[--h->count].frame);
	else
		c->frame.length = 0;
	if (h->count && h->events[h->count - 1].kind == EVENT_CONFIGURATION)
		free(h->events[--h->count].settings);
}

int case_read(FILE *in, struct fuzz_case *c, struct err *err)
{
	auto_free char *line = memory_zeroed(LINE_LENGTH, 1);
	auto_free struct reader *r = memory_zeroed(1, sizeof(*r));
	unsigned int number = 0;

	r->c = c;
	c->settings.allowed[INTERFACE_OTHER] = c->settings.allowed[INTERFACE_PEER] = false;
	r->blank = c->settings;
	while (fgets(line, LINE_LENGTH, in)) {
		number++;
		line[strcspn(line, "#\n")] = '\0';
		if (line[0] && !read_line(r, line))
			return err_set(err, -EINVAL, "line %u cannot be read: %.80s", number, line);
	}
	if (!c->before.count)
		return err_set(err, -EINVAL, "no line says frame, or what else happens");
	settle(c);
	return 0;
}
