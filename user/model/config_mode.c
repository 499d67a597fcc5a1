/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a pool's packets travel to its backends. See config_parts.h. */
#include <errno.h>

#include "base/auto.h"
#include "leat/tunnel.h"
#include "model/config_parts.h"

static const struct {
	const char *word;
	enum leat_mode mode;
	uint16_t port;
} modes[] = {
	[DOC_MODE_UNSET] = {"ipip", LEAT_MODE_IPIP},
#define X(name, word, port) [DOC_MODE_##name] = {word, LEAT_MODE_##name, port},
	DOC_MODES(X)
#undef X
};

const char *config_mode_name(enum leat_mode mode)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		if (modes[i].mode == mode)
			return modes[i].word;
	return "unknown";
}

int config_mode_compile(const struct doc_pool *doc, struct config_pool *pool, struct err *err)
{
	uint16_t port = doc->tunnel_port ? *doc->tunnel_port : 0;

	pool->mode = modes[doc->mode].mode;
	pool->tunnel_port = port ? port : modes[doc->mode].port;
	if (port && !modes[doc->mode].port)
		return err_set(err, -EINVAL,
			       "pools[%s].tunnel-port: mode %s has no UDP port; gue, gue1 and fou have one (0 takes it "
			       "back)",
			       doc->name, modes[doc->mode].word);
	if (pool->mode == LEAT_MODE_FOU && pool->tunnel_port == UINT16_MAX)
		return err_set(err, -EINVAL,
			       "pools[%s].tunnel-port: %u leaves none for IPv6, which fou sends to the next; allowed "
			       "are 1 to %u",
			       doc->name, port, UINT16_MAX - 1);
	return 0;
}
