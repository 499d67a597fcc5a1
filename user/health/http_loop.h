/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libcurl's multi handle in a libevent loop. */
#ifndef HEALTH_HTTP_LOOP_H
#define HEALTH_HTTP_LOOP_H

#include <curl/curl.h>

#include "health/probe.h"

/* Starts a transfer. ended(private, code) is called from the loop, where private is the handle's CURLOPT_PRIVATE. */
int http_loop_add(struct http *http, CURL *easy);
void http_loop_remove(struct http *http, CURL *easy);

/* In http.c; takes the transfer out. */
void http_ended(void *private, CURLcode code);

#endif
