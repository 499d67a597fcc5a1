/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The query of GET /v1/explain: see question.h. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/keyvalq_struct.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/quote.h"
#include "base/shape.h"
#include "serve/handlers.h"
#include "serve/question.h"

static int question_endpoint(struct evkeyvalq *query, const char *key, struct leat_addr *ret_addr,
			     uint16_t *ret_port, struct err *err)
{
	const char *value = evhttp_find_header(query, key);
	char shown[QUOTE_MAX];

	if (!value)
		return err_set(err, -EINVAL, "the query needs %s=ADDRESS:PORT", key);
	if (endpoint_parse(value, ret_addr, ret_port))
		return err_set(err, -EINVAL, "%s: %s is not such as 192.0.2.1:80 or [2001:db8::1]:80%s", key,
			       quote(value, shown), endpoint_fault(value));
	return 0;
}

/* A key that is unknown, or there twice, would be a question that is not answered. */
static int question_keys_check(const struct evkeyvalq *query, struct err *err)
{
	static const char *const keys[] = {"protocol", "source", "destination", "connection-id"};
	unsigned int seen[ARRAY_SIZE(keys)] = {};
	const struct evkeyval *pair;
	char shown[QUOTE_MAX];

	TAILQ_FOREACH(pair, query, next) {
		size_t i = 0;

		while (i < ARRAY_SIZE(keys) && strcmp(keys[i], pair->key))
			i++;
		if (i == ARRAY_SIZE(keys))
			return err_set(err, -EINVAL, "the query has an unknown key %s; allowed are protocol, source, "
				       "destination, connection-id", quote(pair->key, shown));
		if (seen[i]++)
			return err_set(err, -EINVAL, "the query has %s twice", keys[i]);
	}
	return 0;
}

static int question_id(struct evkeyvalq *query, struct explain_question *ret, struct err *err)
{
	const char *text = evhttp_find_header(query, "connection-id");
	size_t length = text ? strlen(text) : 0, i;
	char shown[QUOTE_MAX];

	if (!text)
		return 0;
	if (!length || length % 2 || length > 2 * LEAT_QUIC_ID_MAX || strspn(text, "0123456789abcdefABCDEF") != length)
		return err_set(err, -EINVAL, "connection-id: %s is not 1 to %u octets, each two hexadecimal digits",
			       quote(text, shown), LEAT_QUIC_ID_MAX);
	if (ret->protocol != IPPROTO_UDP)
		return err_set(err, -EINVAL, "connection-id: QUIC is carried by udp");
	ret->id_length = length / 2;
	for (i = 0; i < ret->id_length; i++)
		sscanf(text + 2 * i, "%2hhx", &ret->connection_id[i]);
	return 0;
}

static int question_read(struct evkeyvalq *query, struct explain_question *ret, struct err *err)
{
	const char *protocol = evhttp_find_header(query, "protocol");
	int e = question_keys_check(query, err);
	char shown[QUOTE_MAX];

	if (e)
		return e;
	if (!protocol)
		return err_set(err, -EINVAL, "the query needs protocol=tcp, or another protocol that a packet has");
	if (shape_protocol_parse(protocol, &ret->protocol) || !ret->protocol)
		return err_set(err, -EINVAL, "protocol: %s is not a protocol; allowed are tcp, udp, sctp, gre, esp",
			       quote(protocol, shown));
	e = question_endpoint(query, "source", &ret->source, &ret->source_port, err);
	if (!e)
		e = question_endpoint(query, "destination", &ret->destination, &ret->destination_port, err);
	if (!e && addr_is_ipv4(&ret->source) != addr_is_ipv4(&ret->destination))
		return err_set(err, -EINVAL, "source and destination must both be IPv4 or both IPv6");
	if (!e && !shape_has_ports(ret->protocol) && (ret->source_port || ret->destination_port))
		return err_set(err, -EINVAL, "protocol %s has no ports: write port 0", protocol);
	return e ? e : question_id(query, ret, err);
}

int question_parse(struct request *request, struct explain_question *ret, struct err *err)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request->http);
	const char *text = uri ? evhttp_uri_get_query(uri) : NULL;
	struct evkeyvalq query = {};
	int e;

	if (evhttp_parse_query_str(text ? text : "", &query))
		return err_set(err, -EINVAL,
			       "the query is not of the form protocol=tcp&source=A:P&destination=A:P");
	e = question_read(&query, ret, err);
	evhttp_clear_headers(&query);
	return e;
}
