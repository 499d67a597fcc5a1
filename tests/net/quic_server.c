/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QUIC server that leat can balance: its connection ids are those of draft-ietf-quic-load-balancers-21, in
 * plaintext.
 *
 *     quic_server CERTIFICATE KEY CONFIG SERVER-ID NAME PORT ADDRESS...
 *
 * Answers each stream with NAME. A packet whose connection id it does not know it drops, unless a connection
 * may begin with it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/quic_peer.h"

#define VISITORS_MAX  1024
#define IDS_MAX       64
#define ADDRESSES_MAX 8

struct visitor {
	struct peer peer; /* without conn: nobody is here */
	ngtcp2_cid ids[IDS_MAX];
	unsigned int id_count;
};

static struct visitor visitors[VISITORS_MAX];
static gnutls_certificate_credentials_t credentials;
static uint8_t id_head[PEER_CID_LENGTH]; /* the config rotation in its place, then the server id */
static size_t id_head_length;
static const char *name;

/* --- connection ids ---------------------------------------------------------------------------------- */

static void id_remember(struct visitor *v, const ngtcp2_cid *id)
{
	if (v->id_count == IDS_MAX)
		peer_die("too many connection ids");
	v->ids[v->id_count++] = *id;
}

static void id_make(ngtcp2_cid *ret, size_t length)
{
	ret->datalen = length;
	peer_random(ret->data, length);
	ret->data[0] = id_head[0] | (ret->data[0] & 31);
	memcpy(ret->data + 1, id_head + 1, id_head_length - 1);
}

static int get_new_connection_id(ngtcp2_conn *conn, ngtcp2_cid *id, uint8_t *token, size_t length,
				 void *user_data)
{
	id_make(id, length);
	peer_random(token, NGTCP2_STATELESS_RESET_TOKENLEN);
	id_remember(user_data, id);
	return 0;
}

static int remove_connection_id(ngtcp2_conn *conn, const ngtcp2_cid *id, void *user_data)
{
	struct visitor *v = user_data;
	unsigned int i;

	for (i = 0; i < v->id_count; i++)
		if (ngtcp2_cid_eq(&v->ids[i], id))
			v->ids[i--] = v->ids[--v->id_count];
	return 0;
}

static struct visitor *visitor_find(const uint8_t *data, size_t length)
{
	ngtcp2_cid id;
	unsigned int i, j;

	ngtcp2_cid_init(&id, data, length);
	for (i = 0; i < VISITORS_MAX; i++)
		for (j = 0; visitors[i].peer.conn && j < visitors[i].id_count; j++)
			if (ngtcp2_cid_eq(&visitors[i].ids[j], &id))
				return &visitors[i];
	return NULL;
}

/* --- connections --------------------------------------------------------------------------------------- */

static int recv_stream_data(ngtcp2_conn *conn, uint32_t flags, int64_t stream, uint64_t offset,
			    const uint8_t *data, size_t length, void *user_data, void *stream_user_data)
{
	struct peer *peer = &((struct visitor *)user_data)->peer;

	ngtcp2_conn_extend_max_offset(conn, length);
	if (flags & NGTCP2_STREAM_DATA_FLAG_FIN && peer->stream_count < PEER_STREAMS_MAX)
		peer->streams[peer->stream_count++] = stream;
	return 0;
}

static int stream_close(ngtcp2_conn *conn, uint32_t flags, int64_t stream, uint64_t error, void *user_data,
			void *stream_user_data)
{
	ngtcp2_conn_extend_max_streams_bidi(conn, 1);
	return 0;
}

/* NULL: no connection begins with this packet. */
static struct visitor *visitor_new(int fd, const ngtcp2_path *path, const uint8_t *data, size_t length)
{
	struct visitor *v = visitors;
	ngtcp2_transport_params params;
	ngtcp2_callbacks callbacks;
	ngtcp2_settings settings;
	ngtcp2_pkt_hd head;
	ngtcp2_cid id;

	while (v < visitors + VISITORS_MAX && v->peer.conn)
		v++;
	if (v == visitors + VISITORS_MAX || ngtcp2_accept(&head, data, length))
		return NULL;
	*v = (struct visitor){.peer = {.fd = fd, .text = name}};
	peer_prepare(&callbacks, &settings, &params);
	callbacks.recv_stream_data = recv_stream_data;
	callbacks.stream_close = stream_close;
	callbacks.get_new_connection_id = get_new_connection_id;
	callbacks.remove_connection_id = remove_connection_id;
	params.original_dcid = head.dcid;
	id_make(&id, PEER_CID_LENGTH);
	if (ngtcp2_conn_server_new(&v->peer.conn, &head.scid, &id, path, head.version, &callbacks, &settings,
				   &params, NULL, v))
		peer_die("a connection");
	id_remember(v, &id);
	id_remember(v, &head.dcid); /* what the client made up: until it has seen ours */
	peer_tls_start(&v->peer, GNUTLS_SERVER, credentials);
	return v;
}

static bool is_ours(const uint8_t *id)
{
	return (id[0] & 0xe0) == id_head[0] && !memcmp(id + 1, id_head + 1, id_head_length - 1);
}

/* Tells why if it did not end well. */
static void visitor_over(struct visitor *v, int error)
{
	if (!error)
		return;
	if (error != NGTCP2_ERR_DRAINING && error != NGTCP2_ERR_IDLE_CLOSE)
		fprintf(stderr, "ended: %s\n", ngtcp2_strerror(error));
	peer_free(&v->peer);
}

static void packet_take(int fd, struct peer_address *local)
{
	struct peer_address remote = {.length = sizeof(remote.addr)};
	ngtcp2_version_cid ids;
	ngtcp2_path path;
	struct visitor *v;
	uint8_t buf[2048];
	ssize_t length;

	length = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&remote.addr, &remote.length);
	path = peer_path(local, &remote);
	if (length <= 0 || ngtcp2_pkt_decode_version_cid(&ids, buf, length, PEER_CID_LENGTH) ||
	    ids.dcidlen > NGTCP2_MAX_CIDLEN)
		return;
	v = visitor_find(ids.dcid, ids.dcidlen) ?: visitor_new(fd, &path, buf, length);
	if (v)
		visitor_over(v, ngtcp2_conn_read_pkt(v->peer.conn, &path, NULL, buf, length, peer_now()));
	else if (!is_ours(ids.dcid))
		fprintf(stderr, "misled: a packet with an id that is not of this server\n");
}

int main(int argc, char **argv)
{
	struct peer_address addresses[ADDRESSES_MAX];
	struct pollfd fds[ADDRESSES_MAX];
	int i, count = argc - 7;

	if (count < 1 || count > ADDRESSES_MAX)
		peer_die("CERTIFICATE KEY CONFIG SERVER-ID NAME PORT ADDRESS...");
	if (gnutls_certificate_allocate_credentials(&credentials) ||
	    gnutls_certificate_set_x509_key_file(credentials, argv[1], argv[2], GNUTLS_X509_FMT_PEM))
		peer_die(argv[1]);
	id_head[0] = atoi(argv[3]) << 5;
	for (id_head_length = 1; sscanf(argv[4], "%2hhx", &id_head[id_head_length]) == 1; id_head_length++)
		argv[4] += 2;
	name = argv[5];
	for (i = 0; i < count; i++) {
		addresses[i] = peer_address(argv[7 + i], atoi(argv[6]));
		fds[i] = (struct pollfd){socket(addresses[i].addr.ss_family, SOCK_DGRAM | SOCK_NONBLOCK, 0),
					 POLLIN};
		if (bind(fds[i].fd, (struct sockaddr *)&addresses[i].addr, addresses[i].length))
			peer_die(argv[7 + i]);
	}
	for (;;) {
		poll(fds, count, 2);
		for (i = 0; i < count; i++)
			if (fds[i].revents)
				packet_take(fds[i].fd, &addresses[i]);
		for (i = 0; i < VISITORS_MAX; i++)
			if (visitors[i].peer.conn)
				visitor_over(&visitors[i], peer_write(&visitors[i].peer));
	}
}
