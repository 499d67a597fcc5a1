/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the QUIC server and client of tests/net/quic.test share: an end of a connection by libngtcp2, which
 * asks or answers with one short text a stream. The protocol is the library's; only connection ids (server)
 * and sockets (client) are ours.
 */
#ifndef NET_QUIC_PEER_H
#define NET_QUIC_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <gnutls/gnutls.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#define PEER_CID_LENGTH  12
#define PEER_STREAMS_MAX 16

struct peer {
	ngtcp2_conn *conn;
	ngtcp2_crypto_conn_ref ref;
	gnutls_session_t tls;
	int fd;                            /* a socket to send by */
	const char *text;                  /* what each stream gets, and its end */
	int64_t streams[PEER_STREAMS_MAX]; /* those that did not get it yet */
	unsigned int stream_count;
};

struct peer_address {
	struct sockaddr_storage addr;
	socklen_t length;
};

uint64_t peer_now(void); /* nanoseconds */
void peer_random(void *ret, size_t length);
/* Ends the program if text is no address. */
struct peer_address peer_address(const char *text, uint16_t port);
ngtcp2_path peer_path(struct peer_address *local, struct peer_address *remote);

/* What both ends have: callbacks of the crypto library, and limits. */
void peer_prepare(ngtcp2_callbacks *callbacks, ngtcp2_settings *settings, ngtcp2_transport_params *params);
/* After peer->conn is made; flags: GNUTLS_SERVER or GNUTLS_CLIENT. */
void peer_tls_start(struct peer *peer, unsigned int flags, gnutls_certificate_credentials_t credentials);

/* Sends what is due now. Not 0: the connection is over, by this error of the library's. */
int peer_write(struct peer *peer);
/* Says that the connection is over, and frees. */
void peer_close(struct peer *peer);
void peer_free(struct peer *peer);
void peer_die(const char *what);

#endif
