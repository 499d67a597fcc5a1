/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A DNS query for one name and what is made of its answer (RFC 1035 4). Pure. */
#ifndef HEALTH_DNS_MESSAGE_H
#define HEALTH_DNS_MESSAGE_H

#include <stddef.h>

#include "health/probe.h"

#define DNS_QUERY_MAX 271 /* header, name, type, class */

/* Asks for the settings' name and record. Returns the length. */
size_t dns_ask(const struct config_check *settings, uint16_t id, uint8_t ret[DNS_QUERY_MAX]);
/*
 * False: this answers another question, or none. Else ret_result, and in text (PROBE_TEXT_MAX) what was
 * wrong, or the response code.
 */
bool dns_judge(const struct config_check *settings, uint16_t id, const uint8_t *message, size_t length,
	       enum probe_result *ret_result, char *text);

#endif
