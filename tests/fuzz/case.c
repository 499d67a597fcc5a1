/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cases as text: see case.h. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
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

	fprintf(out, "member %s weight %u %s ", addr_format(&m->addr, addr), m->weight,
		m->is_in_table ? "in" : "out");
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

static void write_settings(FILE *out, const struct settings *s)
{
	char addr[ADDR_TEXT_MAX];
	unsigned int i, j;

	fprintf(out, "seed %016jx\nerrors %s\nmetadata %u\n", (uintmax_t)s->seed, s->may_reply ? "yes" : "no",
		s->metadata);
	for (i = INTERFACE_OTHER; i <= INTERFACE_PEER; i++)
		if (s->allowed[i])
			fprintf(out, "allowed %s\n", settings_interface_names[i]);
	for (i = 0; i < s->pool_count; i++) {
		fprintf(out, "pool %s %u\n", s->pools[i].mode == REFERENCE_L2 ? "l2" : "ipip",
			s->pools[i].table_size);
		for (j = 0; j < s->pools[i].member_count; j++)
			write_member(out, s, &s->members[i][j]);
	}
	for (i = 0; i < s->service_count; i++)
		fprintf(out, "service %s %s %u %u\n", s->services[i].protocol == IPPROTO_TCP ? "tcp" : "udp",
			addr_format(&s->services[i].addr, addr), s->services[i].port, s->services[i].pool);
}

void case_write(FILE *out, const struct fuzz_case *c)
{
	unsigned int i;

	fprintf(out, "frags %s\n", c->frags ? "yes" : "no");
	write_settings(out, &c->settings);
	fprintf(out, "frame ");
	for (i = 0; i < c->frame.length; i++)
		fprintf(out, "%02x", c->frame.bytes[i]);
	fputc('\n', out);
}

/* --- reading -----------------------------------------------------------------------------------------------
 */

struct reader {
	struct fuzz_case *c;
	struct reference_member *member; /* the last; NULL: none yet */
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
	char mode[8];
	unsigned int size;

	if (s->pool_count == SETTINGS_POOLS_MAX || sscanf(line, "pool %7s %u", mode, &size) != 2)
		return false;
	s->names[s->pool_count] = s->pool_count;
	s->pools[s->pool_count++] = (struct reference_pool){
		.mode = strcmp(mode, "l2") ? REFERENCE_IPIP : REFERENCE_L2, .table_size = size};
	return true;
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

static bool read_member(struct reader *r, const char *line)
{
	struct settings *s = &r->c->settings;
	unsigned int pool = s->pool_count - 1;
	char addr[ADDR_TEXT_MAX], in[8];
	int way = 0;

	if (!s->pool_count || s->pools[pool].member_count == SETTINGS_MEMBERS_MAX)
		return false;
	r->member = &s->members[pool][s->pools[pool].member_count++];
	if (sscanf(line, "member %63s weight %hu %7s %n", addr, &r->member->weight, in, &way) != 3 || !way)
		return false;
	r->member->is_in_table = !strcmp(in, "in");
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
	char protocol[8], addr[ADDR_TEXT_MAX];

	if (s->service_count++ == SETTINGS_SERVICES_MAX ||
	    sscanf(line, "service %7s %63s %hu %u", protocol, addr, &service->port, &service->pool) != 4)
		return false;
	service->protocol = strcmp(protocol, "tcp") ? IPPROTO_UDP : IPPROTO_TCP;
	return service->pool < s->pool_count && !addr_parse(addr, &service->addr);
}

static bool read_frame(struct reader *r, const char *line)
{
	struct frame *f = &r->c->frame;
	const char *at = line + strlen("frame ");

	for (f->length = 0; f->length < FRAME_MAX && sscanf(at, "%2hhx", &f->bytes[f->length]) == 1; at += 2)
		f->length++;
	return f->length >= 14 && !*at;
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
	if (sscanf(line, "errors %15s", word) == 1)
		s->may_reply = !strcmp(word, "yes");
	else if (sscanf(line, "frags %15s", word) == 1)
		r->c->frags = !strcmp(word, "yes");
	else if (sscanf(line, "allowed %15s", word) == 1 && interface_of(word) >= 0)
		s->allowed[interface_of(word)] = true;
	else
		return sscanf(line, "metadata %u", &s->metadata) == 1;
	return true;
}

static bool read_line(struct reader *r, const char *line)
{
	static const struct {
		const char *word;
		bool (*read)(struct reader *, const char *);
	} rows[] = {{"pool ", read_pool},
		    {"member ", read_member},
		    {"tag ", read_tag},
		    {"service ", read_service},
		    {"frame ", read_frame}};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strncmp(line, rows[i].word, strlen(rows[i].word)))
			return rows[i].read(r, line);
	return read_one(r, line);
}

int case_read(FILE *in, struct fuzz_case *c, struct err *err)
{
	auto_free char *line = memory_zeroed(LINE_LENGTH, 1);
	struct reader r = {.c = c};
	unsigned int number = 0;

	c->settings.allowed[INTERFACE_OTHER] = c->settings.allowed[INTERFACE_PEER] = false;
	while (fgets(line, LINE_LENGTH, in)) {
		number++;
		line[strcspn(line, "#\n")] = '\0';
		if (line[0] && !read_line(&r, line))
			return err_set(err, -EINVAL, "line %u cannot be read: %.80s", number, line);
	}
	return c->frame.length ? 0 : err_set(err, -EINVAL, "no line says frame");
}
