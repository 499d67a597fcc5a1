/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See quic_peer.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include "net/quic_peer.h"

void peer_die(const char *what)
{
	fprintf(stderr, "quic: %s: %s\n", what, strerror(errno));
	exit(1);
}

uint64_t peer_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NGTCP2_SECONDS + now.tv_nsec;
}

void peer_random(void *ret, size_t length)
{
	if (gnutls_rnd(GNUTLS_RND_NONCE, ret, length))
		peer_die("random bytes");
}

struct peer_address peer_address(const char *text, uint16_t port)
{
	struct peer_address ret = {};
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&ret.addr;
	struct sockaddr_in *four = (struct sockaddr_in *)&ret.addr;

	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		ret.length = sizeof(*four);
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
	} else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
		ret.length = sizeof(*six);
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(port);
	} else {
		peer_die(text);
	}
	return ret;
}

ngtcp2_path peer_path(struct peer_address *local, struct peer_address *remote)
{
	return (ngtcp2_path){
		.local = {(struct sockaddr *)&local->addr, local->length},
		.remote = {(struct sockaddr *)&remote->addr, remote->length},
	};
}

/* --- set-up ---------------------------------------------------------------------------------------- */

static void rand_cb(uint8_t *dest, size_t length, const ngtcp2_rand_ctx *ctx)
{
	peer_random(dest, length);
}

void peer_prepare(ngtcp2_callbacks *callbacks, ngtcp2_settings *settings, ngtcp2_transport_params *params)
{
	*callbacks = (ngtcp2_callbacks){
		.client_initial = ngtcp2_crypto_client_initial_cb,
		.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb,
		.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb,
		.recv_retry = ngtcp2_crypto_recv_retry_cb,
		.encrypt = ngtcp2_crypto_encrypt_cb,
		.decrypt = ngtcp2_crypto_decrypt_cb,
		.hp_mask = ngtcp2_crypto_hp_mask_cb,
		.update_key = ngtcp2_crypto_update_key_cb,
		.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb,
		.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb,
		.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb,
		.version_negotiation = ngtcp2_crypto_version_negotiation_cb,
		.rand = rand_cb,
	};
	ngtcp2_settings_default(settings);
	settings->initial_ts = peer_now();
	ngtcp2_transport_params_default(params);
	params->initial_max_streams_bidi = PEER_STREAMS_MAX;
	params->initial_max_stream_data_bidi_local = 4096;
	params->initial_max_stream_data_bidi_remote = 4096;
	params->initial_max_data = 1 << 20;
	params->max_idle_timeout = 10 * NGTCP2_SECONDS;
	params->active_connection_id_limit = 7;
}

static ngtcp2_conn *conn_of(ngtcp2_crypto_conn_ref *ref)
{
	return ((struct peer *)ref->user_data)->conn;
}

void peer_tls_start(struct peer *peer, unsigned int flags, gnutls_certificate_credentials_t credentials)
{
	static const gnutls_datum_t protocol = {(unsigned char *)"leat", 4};
	int e;

	peer->ref = (ngtcp2_crypto_conn_ref){conn_of, peer};
	if (gnutls_init(&peer->tls, flags | GNUTLS_NO_END_OF_EARLY_DATA | GNUTLS_NO_AUTO_SEND_TICKET) ||
	    gnutls_priority_set_direct(peer->tls, "NORMAL:-VERS-ALL:+VERS-TLS1.3:%DISABLE_TLS13_COMPAT_MODE",
				       NULL) ||
	    gnutls_credentials_set(peer->tls, GNUTLS_CRD_CERTIFICATE, credentials) ||
	    gnutls_alpn_set_protocols(peer->tls, &protocol, 1, GNUTLS_ALPN_MANDATORY))
		peer_die("TLS");
	e = flags & GNUTLS_SERVER ? ngtcp2_crypto_gnutls_configure_server_session(peer->tls)
				  : ngtcp2_crypto_gnutls_configure_client_session(peer->tls);
	if (e)
		peer_die("TLS for QUIC");
	gnutls_session_set_ptr(peer->tls, &peer->ref);
	ngtcp2_conn_set_tls_native_handle(peer->conn, peer->tls);
}

/* --- sending --------------------------------------------------------------------------------------- */

/* A datagram that does not fit or has no way is lost; QUIC sends what was in it again. */
static void packet_send(const struct peer *peer, const ngtcp2_path *path, const void *data, size_t length)
{
	struct sockaddr_storage connected;
	socklen_t size = sizeof(connected);
	bool is_connected = !getpeername(peer->fd, (struct sockaddr *)&connected, &size);

	sendto(peer->fd, data, length, 0, is_connected ? NULL : path->remote.addr,
	       is_connected ? 0 : path->remote.addrlen);
}

/* Bytes of the next packet; 0: nothing is due. */
static ngtcp2_ssize packet_make(struct peer *peer, ngtcp2_path *path, uint8_t *buf, size_t size)
{
	ngtcp2_vec text = {(uint8_t *)peer->text, strlen(peer->text)};
	bool has_stream = peer->stream_count;
	ngtcp2_ssize sent = -1, length;

	length = ngtcp2_conn_writev_stream(
		peer->conn, path, NULL, buf, size, &sent,
		has_stream ? NGTCP2_WRITE_STREAM_FLAG_FIN : NGTCP2_WRITE_STREAM_FLAG_NONE,
		has_stream ? peer->streams[peer->stream_count - 1] : -1, &text, has_stream, peer_now());
	if (has_stream && (sent == (ngtcp2_ssize)text.len || length == NGTCP2_ERR_STREAM_NOT_FOUND ||
			   length == NGTCP2_ERR_STREAM_SHUT_WR)) {
		peer->stream_count--;
		return length < 0 ? packet_make(peer, path, buf, size) : length;
	}
	return length == NGTCP2_ERR_STREAM_DATA_BLOCKED ? 0 : length;
}

int peer_write(struct peer *peer)
{
	ngtcp2_path_storage path;
	ngtcp2_ssize length = 0;
	uint8_t buf[1500];

	if (ngtcp2_conn_get_expiry(peer->conn) <= peer_now())
		length = ngtcp2_conn_handle_expiry(peer->conn, peer_now());
	if (length)
		return length;
	for (;;) {
		ngtcp2_path_storage_zero(&path);
		length = packet_make(peer, &path.path, buf, sizeof(buf));
		if (length <= 0)
			break;
		packet_send(peer, &path.path, buf, length);
	}
	ngtcp2_conn_update_pkt_tx_time(peer->conn, peer_now());
	return length;
}

void peer_close(struct peer *peer)
{
	ngtcp2_connection_close_error why;
	ngtcp2_path_storage path;
	ngtcp2_ssize length;
	uint8_t buf[1500];

	ngtcp2_connection_close_error_default(&why);
	ngtcp2_path_storage_zero(&path);
	length = ngtcp2_conn_write_connection_close(peer->conn, &path.path, NULL, buf, sizeof(buf), &why,
						    peer_now());
	if (length > 0)
		packet_send(peer, &path.path, buf, length);
	peer_free(peer);
}

void peer_free(struct peer *peer)
{
	ngtcp2_conn_del(peer->conn);
	gnutls_deinit(peer->tls);
	peer->conn = NULL;
}
