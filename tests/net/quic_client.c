/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QUIC connections whose client moves, and who answers:
 *
 *     quic_client CONNECTIONS MOVE-EVERY-MS UNTIL PORT ADDRESS FROM...
 *
 * Each connection asks every 50 ms, on a stream of its own, until the file UNTIL exists, and every so often
 * (0: never) gets a new socket, in turn from each address FROM: half of the connections without a word, as by
 * a NAT that forgot (RFC 9000 9.3), half by migration, with another of the server's connection ids (RFC
 * 9000 9.2). Not both in turn in one connection: libngtcp2 0.12.1 then ends it with CONNECTION_ID_LIMIT at
 * the seventh move. Prints JSON: connections, requests, failed (connections that got no answer within 3 s, or
 * ended), moved (answers by another than who answered the connection first), rebinds, migrations, answers
 * (how many by whom), first (who answered each connection first, by its first address and port).
 */
/*
 * QUIC connections whose client moves, and who answers:
 *
 *     quic_client CONNECTIONS MOVE-EVERY-MS UNTIL PORT ADDRESS FROM...
 *
 * Each connection asks every 50 ms, on a stream of its own, until the file UNTIL exists, and every so often
 * (0: never) gets a new socket, in turn from each address FROM: by turns without a word, as by a NAT that
 * forgot (RFC 9000 9.3), and by migration, with another of the server's connection ids (RFC 9000 9.2). Prints
 * JSON: connections, requests, failed (connections that got no answer within 3 s, or ended), moved (answers
 * by another than who answered the connection first), rebinds, migrations, answers (how many by whom), first
 * (who answered each connection first, by its first address and port).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "net/quic_peer.h"

#define CALLERS_MAX 256
#define GAP         (50 * NGTCP2_MILLISECONDS)
#define PATIENCE    (3 * NGTCP2_SECONDS)
/* Before it moves again: the server has to see that it can reach the client where it is now (RFC 9000 9.3).
 */
#define ANSWERS 5

struct caller {
	struct peer peer;
	struct peer_address local; /* as the library knows it */
	struct peer_address began;
	char first[16], answer[16];
	bool is_migrating, is_ready, is_over, is_asking;
	uint64_t since; /* asks, or was answered */
	uint64_t next_move;
	unsigned int answers; /* since the last move */
	unsigned int turn;
};

static struct caller callers[CALLERS_MAX];
static struct peer_address server;
static char **froms;
static unsigned int from_count, requests, failed, moved, rebinds, migrations;
static gnutls_certificate_credentials_t credentials;
static json_t *answers, *firsts;

/* --- what the library tells ------------------------------------------------------------------------------
 */

static int get_new_connection_id(ngtcp2_conn *conn, ngtcp2_cid *id, uint8_t *token, size_t length,
				 void *user_data)
{
	id->datalen = length;
	peer_random(id->data, length);
	peer_random(token, NGTCP2_STATELESS_RESET_TOKENLEN);
	return 0;
}

static int handshake_confirmed(ngtcp2_conn *conn, void *user_data)
{
	((struct caller *)user_data)->is_ready = true;
	return 0;
}

static const char *endpoint_text(const struct peer_address *address, char *buf, size_t size)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)&address->addr;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address->addr;
	bool is_four = four->sin_family == AF_INET;
	char text[INET6_ADDRSTRLEN];

	inet_ntop(four->sin_family, is_four ? (const void *)&four->sin_addr : &six->sin6_addr, text,
		  sizeof(text));
	snprintf(buf, size, is_four ? "%s:%u" : "[%s]:%u", text,
		 ntohs(is_four ? four->sin_port : six->sin6_port));
	return buf;
}

static void answered(struct caller *c)
{
	char endpoint[64];

	c->is_asking = false;
	c->since = peer_now();
	requests++;
	c->answers++;
	json_object_set_new(answers, c->answer,
			    json_integer(json_integer_value(json_object_get(answers, c->answer)) + 1));
	if (!*c->first) {
		strcpy(c->first, c->answer);
		json_object_set_new(firsts, endpoint_text(&c->began, endpoint, sizeof(endpoint)),
				    json_string(c->first));
	}
	moved += !!strcmp(c->first, c->answer);
	*c->answer = '\0';
}

static int recv_stream_data(ngtcp2_conn *conn, uint32_t flags, int64_t stream, uint64_t offset,
			    const uint8_t *data, size_t length, void *user_data, void *stream_user_data)
{
	struct caller *c = user_data;
	size_t had = strlen(c->answer);

	ngtcp2_conn_extend_max_offset(conn, length);
	if (length < sizeof(c->answer) - had)
		strncat(c->answer, (const char *)data, length);
	if (flags & NGTCP2_STREAM_DATA_FLAG_FIN)
		answered(c);
	return 0;
}

/* --- connections
 * -------------------------------------------------------------------------------------------- */

/* From the next address in turn. */
static int socket_new(struct caller *c, struct peer_address *ret)
{
	int fd = socket(server.addr.ss_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	*ret = peer_address(froms[c->turn++ % from_count], 0);
	if (bind(fd, (struct sockaddr *)&ret->addr, ret->length) ||
	    connect(fd, (struct sockaddr *)&server.addr, server.length) ||
	    getsockname(fd, (struct sockaddr *)&ret->addr, &ret->length))
		peer_die("a socket");
	return fd;
}

static void caller_open(struct caller *c)
{
	ngtcp2_cid theirs = {.datalen = 18}, ours = {.datalen = PEER_CID_LENGTH};
	ngtcp2_transport_params params;
	ngtcp2_callbacks callbacks;
	ngtcp2_settings settings;
	ngtcp2_path path;

	c->peer = (struct peer){.text = "who", .fd = socket_new(c, &c->local)};
	c->began = c->local;
	c->since = peer_now();
	c->is_migrating = (c - callers) % 2;
	path = peer_path(&c->local, &server);
	peer_prepare(&callbacks, &settings, &params);
	callbacks.recv_stream_data = recv_stream_data;
	callbacks.handshake_confirmed = handshake_confirmed;
	callbacks.get_new_connection_id = get_new_connection_id;
	peer_random(theirs.data, theirs.datalen);
	peer_random(ours.data, ours.datalen);
	if (ngtcp2_conn_client_new(&c->peer.conn, &theirs, &ours, &path, NGTCP2_PROTO_VER_V1, &callbacks,
				   &settings, &params, NULL, c))
		peer_die("a connection");
	peer_tls_start(&c->peer, GNUTLS_CLIENT, credentials);
}

static void caller_move(struct caller *c)
{
	struct peer_address local;
	int fd = socket_new(c, &local);
	ngtcp2_path path = peer_path(&local, &server);

	close(c->peer.fd);
	c->peer.fd = fd;
	c->answers = 0;
	if (c->is_migrating && !ngtcp2_conn_initiate_immediate_migration(c->peer.conn, &path, peer_now())) {
		c->local = local;
		migrations++;
	} else {
		rebinds++;
	}
}

static void caller_ask(struct caller *c)
{
	int64_t stream;

	if (ngtcp2_conn_open_bidi_stream(c->peer.conn, &stream, NULL))
		return;
	c->peer.streams[c->peer.stream_count++] = stream;
	c->is_asking = true;
	c->since = peer_now();
}

static int caller_read(struct caller *c)
{
	ngtcp2_path path = peer_path(&c->local, &server);
	uint8_t buf[2048];
	ssize_t length;
	int e = 0;

	while (!e && (length = recv(c->peer.fd, buf, sizeof(buf), 0)) >= 0)
		e = ngtcp2_conn_read_pkt(c->peer.conn, &path, NULL, buf, length, peer_now());
	return e;
}

static void caller_step(struct caller *c, uint64_t move_every)
{
	uint64_t now = peer_now();

	int e = caller_read(c) ?: peer_write(&c->peer);

	if (e || now > c->since + PATIENCE) {
		fprintf(stderr, "%s, at move %u, of %s: %s\n", c->is_migrating ? "migrating" : "rebound",
			c->turn - 1, c->first, e ? ngtcp2_strerror(e) : "no answer");
		failed++;
		c->is_over = true;
		return;
	}
	if (!c->is_ready)
		return;
	if (!c->is_asking && now > c->since + GAP)
		caller_ask(c);
	if (move_every && c->answers >= ANSWERS && now > c->next_move) {
		if (c->next_move)
			caller_move(c);
		c->next_move =
			now + (c->next_move ? move_every : move_every * (c - callers + 1) / CALLERS_MAX);
	}
}

int main(int argc, char **argv)
{
	unsigned int i, count = argc > 6 ? atoi(argv[1]) : 0;
	json_t *json;

	if (!count || count > CALLERS_MAX)
		peer_die("CONNECTIONS MOVE-EVERY-MS UNTIL PORT ADDRESS FROM...");
	server = peer_address(argv[5], atoi(argv[4]));
	froms = argv + 6;
	from_count = argc - 6;
	answers = json_object();
	firsts = json_object();
	gnutls_certificate_allocate_credentials(&credentials);
	for (i = 0; i < count; i++)
		caller_open(&callers[i]);
	while (access(argv[3], F_OK)) {
		for (i = 0; i < count; i++)
			if (!callers[i].is_over)
				caller_step(&callers[i], atoi(argv[2]) * NGTCP2_MILLISECONDS);
		usleep(2000);
	}
	for (i = 0; i < count; i++)
		peer_close(&callers[i].peer);
	json = json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:o, s:o}", "connections", count, "requests",
			 requests, "failed", failed, "moved", moved, "rebinds", rebinds, "migrations",
			 migrations, "answers", answers, "first", firsts);
	json_dumpf(json, stdout, JSON_COMPACT);
	json_decref(json);
	return 0;
}
