/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end of the API's socket, in the same process and loop: sends bytes, turns the loop until nothing
 * moves, and cuts what came back into answers. The kernel moves bytes between Unix sockets at once, so
 * nothing is waited for.
 */
#ifndef TESTS_INPUTS_CLIENT_H
#define TESTS_INPUTS_CLIENT_H

#include "inputs/inputs.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>
#include <jansson.h>

#include "base/auto.h"
#include "base/file.h"

#define CLIENT_TURNS_MAX 10000 /* of the loop; one request takes about 5 */

struct client {
	struct event_base *base;
	struct sockaddr_un server;
	socklen_t server_length;
	int fd;      /* -1: not connected */
	bool closed; /* by the server */
	struct text received;
};

/* A listening socket without a file: the kernel draws the name. */
static inline int client_listen(struct client *client)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	client->server = (struct sockaddr_un){.sun_family = AF_UNIX};
	must(fd >= 0 && !bind(fd, (void *)&client->server, sizeof(sa_family_t)) && !listen(fd, 8));
	client->server_length = sizeof(client->server);
	must(!getsockname(fd, (void *)&client->server, &client->server_length));
	client->fd = -1;
	return fd;
}

static inline void client_connect(struct client *client)
{
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	client->closed = false;
	must(client->fd >= 0 && !connect(client->fd, (void *)&client->server, client->server_length));
}

/* True if anything came. */
static inline bool client_receive(struct client *client)
{
	char buffer[65536];
	ssize_t n = recv(client->fd, buffer, sizeof(buffer), 0);

	if (n > 0) {
		client->received.s = memory_resized(client->received.s, client->received.length + n + 1, 1);
		memcpy(client->received.s + client->received.length, buffer, n);
		client->received.length += n;
		client->received.s[client->received.length] = 0;
	}
	client->closed |= n == 0 || (n < 0 && errno == ECONNRESET);
	return n > 0;
}

/* Until two turns of the loop in a row bring nothing. */
static inline void client_turn(struct client *client)
{
	unsigned int turns, quiet;

	for (turns = quiet = 0; quiet < 3 && !client->closed; turns++) {
		must(turns < CLIENT_TURNS_MAX);
		event_base_loop(client->base, EVLOOP_NONBLOCK);
		quiet = client_receive(client) ? 0 : quiet + 1;
	}
}

static inline void client_close(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
	event_base_loop(client->base, EVLOOP_NONBLOCK);
	free(client->received.s);
	client->received = (struct text){};
}

/* What came back to these bytes is then in received. */
static inline void client_send(struct client *client, const char *bytes, size_t length)
{
	size_t sent = 0;
	ssize_t n;

	if (client->fd >= 0 && client->closed)
		client_close(client);
	if (client->fd < 0)
		client_connect(client);
	free(client->received.s);
	client->received = (struct text){};
	while (sent < length && !client->closed) {
		n = send(client->fd, bytes + sent, length - sent, MSG_NOSIGNAL);
		sent += n > 0 ? n : 0;
		if (n < 0 && errno != EAGAIN)
			break;
		client_turn(client);
	}
	client_turn(client);
}

/* --- answers ------------------------------------------------------------------------------------ */

struct answer {
	long status;
	char type[64];
	const char *body; /* not NUL-terminated */
	size_t length;
};

static inline const char *answer_header(const char *head, const char *end, const char *name)
{
	const char *line = strcasestr(head, name);

	return line && line < end ? line + strlen(name) : NULL;
}

/* The answer at *at, which moves behind it. False: there is none. An answer to HEAD has a length and no body.
 */
static inline bool answer_read(const char **at, const char *end, bool is_head, struct answer *ret)
{
	const char *head = *at, *body, *length, *type;

	if (head == end)
		return false;
	must(!strncmp(head, "HTTP/", 5)); /* the version is the request's */
	body = strstr(head, "\r\n\r\n");
	must(body);
	body += 4;
	length = answer_header(head, body, "\r\nContent-Length:");
	type = answer_header(head, body, "\r\nContent-Type:");
	*ret = (struct answer){.status = strtol(head + strcspn(head, " "), NULL, 10), .body = body};
	must(ret->status >= 100 && ret->status <= 599);
	if (type)
		snprintf(ret->type, sizeof(ret->type), "%.*s", (int)strcspn(type + 1, "\r;"), type + 1);
	is_head &= strcmp(ret->type, "text/html"); /* evhttp's own, before it knows the method */
	if (!is_head && ret->status >= 200)
		ret->length =
			length ? strtoul(length, NULL, 10) : (size_t)(end - body); /* until it hangs up */
	must(ret->length <= (size_t)(end - body));
	*at = body + ret->length;
	return true;
}

#endif
