/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QUIC: what connection ids services look for, and the server ids of backends. See config_parts.h. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/quote.h"
#include "model/config_parts.h"

int config_quic_compile(const struct doc_service *service, uint32_t i, uint8_t *ret, struct err *err)
{
	const struct doc_quic *quic = service->quic;
	unsigned int config;

	if (!quic)
		return 0;
	if (!quic->server_id_length)
		return err_set(err, -EINVAL, "services[%u].quic.server-id-length is missing; allowed are 1 to %u octets, or 0: not by connection ids",
			       i, LEAT_QUIC_LENGTH_MAX);
	if (*quic->server_id_length > LEAT_QUIC_LENGTH_MAX)
		return err_set(err, -EINVAL, "services[%u].quic.server-id-length: %u is too long; allowed are 1 to %u octets, or 0: not by connection ids",
			       i, *quic->server_id_length, LEAT_QUIC_LENGTH_MAX);
	config = quic->config ? *quic->config : 0;
	if (config > LEAT_QUIC_CONFIG_MAX)
		return err_set(err, -EINVAL, "services[%u].quic.config: %u is not a config rotation; allowed are 0 to %u%s", i,
			       config, LEAT_QUIC_CONFIG_MAX, config == 7 ? ", 7 means that there is no server id" : "");
	if (*quic->server_id_length && service->protocol != DOC_PROTOCOL_UDP)
		return err_set(err, -EINVAL, "services[%u].quic: QUIC is carried by udp, this service is %s", i,
			       config_protocol_name(service->protocol));
	*ret = *quic->server_id_length ? LEAT_QUIC(config, *quic->server_id_length) : 0;
	return 0;
}

/* --- server ids ----------------------------------------------------------------------------------- */

int config_server_id_compile(const char *pool, uint32_t i, const char *text, struct leat_server_id *ret, struct err *err)
{
	size_t length, at;
	char shown[QUOTE_MAX];

	if (!text || !*text)
		return 0;
	length = strlen(text);
	if (length % 2 || length > 2 * LEAT_QUIC_LENGTH_MAX || strspn(text, "0123456789abcdefABCDEF") != length)
		return err_set(err, -EINVAL,
			       "pools[%s].backends[%u].server-id: %s is not 1 to %u octets, each two hexadecimal digits, such as 0a1b",
			       pool, i, quote(text, shown), LEAT_QUIC_LENGTH_MAX);
	ret->byte[0] = length / 2;
	for (at = 0; at < length / 2; at++)
		sscanf(text + 2 * at, "%2hhx", &ret->byte[1 + at]);
	return 0;
}

const char *config_server_id_format(const struct leat_server_id *id, char *buf)
{
	unsigned int i;

	*buf = '\0';
	for (i = 0; i < id->byte[0]; i++)
		snprintf(buf + 2 * i, 3, "%02x", id->byte[1 + i]);
	return buf;
}

static int id_compare(const void *a, const void *b)
{
	const struct config_member *const *x = a, *const *y = b;
	int order = memcmp(&(*x)->server_id, &(*y)->server_id, sizeof((*x)->server_id));

	return order ? order : *x < *y ? -1 : 1;
}

int config_server_ids_check(const struct config_pool *pool, struct err *err)
{
	auto_free const struct config_member **sorted = memory_zeroed(pool->member_count, sizeof(*sorted));
	char id[ADDR_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < pool->member_count; i++)
		sorted[i] = &pool->members[i];
	qsort(sorted, pool->member_count, sizeof(*sorted), id_compare);
	for (i = 1; i < pool->member_count; i++)
		if (sorted[i]->server_id.byte[0] && leat_server_id_equal(&sorted[i]->server_id, &sorted[i - 1]->server_id))
			return err_set(err, -EINVAL, "pools[%s].backends[%td].server-id: %s is that of backends[%td] already",
				       pool->name, sorted[i] - pool->members,
				       config_server_id_format(&sorted[i]->server_id, id), sorted[i - 1] - pool->members);
	return 0;
}

int config_id_lengths_check(const struct config *config, struct err *err)
{
	char id[ADDR_TEXT_MAX], name[SHAPE_NAME_MAX];
	unsigned int i, j;

	for (i = 0; i < config->service_count; i++) {
		const struct config_service *s = &config->services[i];
		const struct config_pool *pool = &config->pools[s->pool];

		for (j = 0; s->quic && j < pool->member_count; j++) {
			const struct leat_server_id *its = &pool->members[j].server_id;

			if (!its->byte[0] || its->byte[0] == LEAT_QUIC_LENGTH(s->quic))
				continue;
			return err_set(err, -EINVAL,
				       "pools[%s].backends[%u].server-id: %s has %u octet%s; the server-id-length of %s is %u",
				       pool->name, j, config_server_id_format(its, id), its->byte[0], its->byte[0] == 1 ? "" : "s",
				       shape_name_format(&s->key, name), LEAT_QUIC_LENGTH(s->quic));
		}
	}
	return 0;
}
