/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TLS probe: a handshake, and what the certificate says. The connection is closed without a word, as soon
 * as the handshake is through.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "health/connect.h"

#define DAY 86400

struct tls_probe {
	const struct probe_target *target;
	probe_done done;
	void *context;
	struct event_base *base;
	struct event *event; /* what OpenSSL waits for, or time is up */
	SSL *ssl;
	uint64_t began_us;
	int fd;
	int error; /* what failed at once, told from the loop */
};

static void tls_cancel(void *context)
{
	struct tls_probe *probe = context;

	event_free(probe->event);
	SSL_free(probe->ssl);
	if (probe->fd >= 0)
		close(probe->fd);
	free(probe);
}

/* --- the certificate ------------------------------------------------------------------------------ */

/* "certificate ends in 3 days" into text; returns the seconds until then. */
static int64_t tls_end_text(const SSL *ssl, char *text)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	int days = 0, seconds = 0;
	int64_t left, shown;

	if (!certificate || !ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate))) {
		snprintf(text, PROBE_TEXT_MAX, "no certificate whose end can be read");
		return -1;
	}
	left = (int64_t)days * DAY + seconds;
	shown = left < 0 ? -left : left;
	snprintf(text, PROBE_TEXT_MAX,
		 left < 0 ? "certificate ended %lld %s ago" : "certificate ends in %lld %s",
		 (long long)(shown >= 2 * DAY ? shown / DAY
			     : shown >= 7200  ? shown / 3600
					      : shown / 60),
		 shown >= 2 * DAY ? "days"
		 : shown >= 7200  ? "hours"
				  : "minutes");
	return left;
}

static bool tls_alpn_is_good(const struct tls_probe *probe, char *text)
{
	const unsigned char *chosen = NULL;
	unsigned int length = 0;

	if (!probe->target->settings.alpn)
		return true;
	SSL_get0_alpn_selected(probe->ssl, &chosen, &length);
	snprintf(text, PROBE_TEXT_MAX, "server takes none of %.200s", probe->target->settings.alpn);
	return length;
}

static enum probe_result tls_judge(const struct tls_probe *probe, char *text)
{
	char end[PROBE_TEXT_MAX], took[PROBE_TEXT_MAX];
	uint32_t wanted = probe->target->settings.expires_s;

	if (!tls_alpn_is_good(probe, text))
		return PROBE_FAILED;
	if (tls_end_text(probe->ssl, end) < wanted && wanted) {
		snprintf(text, PROBE_TEXT_MAX, "%s", end);
		return PROBE_FAILED;
	}
	probe_took_text(SSL_get_version(probe->ssl), probe->began_us, took);
	snprintf(text, PROBE_TEXT_MAX, "%.100s, %.100s", took, end);
	return PROBE_SUCCEEDED;
}

/* --- the handshake --------------------------------------------------------------------------------- */

/* After a handshake that failed, with errno as it left it. */
static enum probe_result tls_failure(const struct tls_probe *probe, int error, char *text)
{
	long verified = SSL_get_verify_result(probe->ssl);
	unsigned long code = ERR_peek_error();
	int saved = errno;

	if (probe->target->settings.verify && verified != X509_V_OK) {
		snprintf(text, PROBE_TEXT_MAX, "certificate: %s", X509_verify_cert_error_string(verified));
		return PROBE_FAILED;
	}
	if (error == SSL_ERROR_SYSCALL && !code && saved)
		return probe_error(saved, text);
	snprintf(text, PROBE_TEXT_MAX, "TLS: %s",
		 code && ERR_reason_error_string(code) ? ERR_reason_error_string(code)
						       : "the server closed the connection");
	return PROBE_FAILED;
}

/* False: under way, and *ret_wait is what for. */
static bool tls_advance(const struct tls_probe *probe, short *ret_wait, enum probe_result *ret_result,
			char *text)
{
	int done, error;

	ERR_clear_error();
	errno = 0;
	done = SSL_do_handshake(probe->ssl);
	if (done == 1) {
		*ret_result = tls_judge(probe, text);
		return true;
	}
	error = SSL_get_error(probe->ssl, done);
	*ret_wait = error == SSL_ERROR_WANT_WRITE ? EV_WRITE : EV_READ;
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return false;
	*ret_result = tls_failure(probe, error, text);
	return true;
}

static void tls_on_event(evutil_socket_t fd, short what, void *context);

static void tls_wait(struct tls_probe *probe, short what)
{
	struct timeval left = probe_time_left(probe->target, probe->began_us);

	event_assign(probe->event, probe->base, probe->fd, what, tls_on_event, probe);
	event_add(probe->event, &left);
}

/* True if this is the end of it. */
static bool tls_outcome(struct tls_probe *probe, short what, short *ret_wait, enum probe_result *ret_result,
			char *text)
{
	socklen_t length = sizeof(int);
	int error = probe->error;

	if (!error && !(what & (EV_READ | EV_WRITE))) {
		probe_timeout_text(probe->target->settings.timeout_ms, text);
		*ret_result = PROBE_FAILED;
		return true;
	}
	if (!error && getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &error, &length))
		error = errno;
	if (!error)
		return tls_advance(probe, ret_wait, ret_result, text);
	*ret_result = probe_error(error, text);
	return true;
}

static void tls_on_event(evutil_socket_t fd, short what, void *context)
{
	struct tls_probe *probe = context;
	void *done_context = probe->context;
	probe_done done = probe->done;
	enum probe_result result;
	char text[PROBE_TEXT_MAX];
	short wait;

	if (!tls_outcome(probe, what, &wait, &result, text)) {
		tls_wait(probe, wait);
		return;
	}
	tls_cancel(probe);
	done(done_context, result, text);
}

/* --- the question ---------------------------------------------------------------------------------- */

/* "h2,http/1.1" as ALPN has it: each name after its length (RFC 7301 3.1). */
static bool tls_offer(SSL *ssl, const char *alpn)
{
	unsigned char list[256];
	size_t n = 0, length;

	for (; alpn && *alpn; alpn += alpn[length] ? length + 1 : length) {
		length = strcspn(alpn, ",");
		list[n] = length;
		memcpy(list + n + 1, alpn, length);
		n += length + 1;
	}
	return !n || !SSL_set_alpn_protos(ssl, list, n); /* 0 is success */
}

/* The name that is asked for, and that a verified certificate must be for: the host, else the address. */
static bool tls_set_name(SSL *ssl, const struct probe_target *target)
{
	const char *host = target->settings.host;
	char name[ADDR_TEXT_MAX];
	struct leat_addr addr;

	addr_format(&target->addr, name);
	if (!host || !addr_parse(host, &addr)) /* no address is a name in TLS (RFC 6066 3) */
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host ? host : name);
	return SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host);
}

static SSL *tls_make(const struct probe_target *target)
{
	const struct config_check *settings = &target->settings;
	SSL_CTX *all = SSL_CTX_new(TLS_client_method());
	SSL *ssl = all ? SSL_new(all) : NULL;
	bool made = ssl && tls_set_name(ssl, target) && tls_offer(ssl, settings->alpn);

	if (made && settings->verify) {
		made = SSL_CTX_set_default_verify_paths(all);
		SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	}
	SSL_CTX_free(all); /* ssl holds it */
	if (made)
		return ssl;
	log_error("out of memory in a health check"); /* as base/auto.h has it: say so and stop */
	abort();
}

static void *tls_start(const struct probe_loop *loop, const struct probe_target *target, probe_done done,
		       void *context)
{
	struct tls_probe *probe = memory_zeroed(1, sizeof(*probe));
	struct timeval at_once = {};

	probe->target = target;
	probe->done = done;
	probe->context = context;
	probe->base = loop->base;
	probe->began_us = clock_us();
	probe->fd = probe_connect(target, SOCK_STREAM, 0, 0);
	probe->error = probe->fd < 0 ? -probe->fd : 0;
	probe->event = event_new(loop->base, -1, 0, tls_on_event, probe);
	if (probe->error) {
		event_add(probe->event, &at_once);
		return probe;
	}
	probe->ssl = tls_make(target);
	SSL_set_fd(probe->ssl, probe->fd);
	SSL_set_connect_state(probe->ssl);
	tls_wait(probe, EV_WRITE);
	return probe;
}

const struct probe_kind probe_tls = {"tls", tls_start, tls_cancel};
