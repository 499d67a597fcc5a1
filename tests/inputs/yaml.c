/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file. Refused: with one sentence that says where. Taken: written back it reads the same,
 * a second writing is the same text, both mean the same, and nothing lies between it and itself.
 */
#include "inputs/inputs.h"

#include "base/addr.h"
#include "base/auto.h"
#include "leat/maps.h"
#include "model/config.h"
#include "model/diff.h"
#include "unit/doc_same.h"

#define SLOTS_COMPARED 20000 /* building larger tables takes the time of a thousand inputs */

static void check_sentence(const struct err *err, const char *starts)
{
	size_t length = strlen(err->text);

	must(length > strlen(starts));
	must(!strncmp(err->text, starts, strlen(starts)));
	must(!strpbrk(err->text, "\n\r\t\x1b"));
}

static struct doc *parse_written(const struct doc *doc)
{
	struct doc *again = NULL;
	struct err err = {};
	size_t length, length_again;
	auto_free char *text = source_write(doc, &length), *text_again = NULL;

	must(length == strlen(text));
	if (source_parse("written", text, length, &again, &err))
		inputs_broken("written", 0, err.text);
	must(same_doc(doc, again));
	text_again = source_write(again, &length_again);
	must(!strcmp(text, text_again));
	return again;
}

static void check_member(const struct config_member *member)
{
	must(addr_is_host(&member->addr));
	must(member->state >= DOC_STATE_ENABLED && member->state <= DOC_STATE_DISABLED);
}

static void check_pool(const struct config_pool *pool)
{
	const struct config_check *check = &pool->check;
	unsigned int i;

	must(*pool->name && strlen(pool->name) < sizeof(((struct leat_pool *)NULL)->name));
	must(pool->mode >= LEAT_MODE_L2 && pool->mode <= LEAT_MODE_FOU);
	must(!pool->tunnel_port == (pool->mode < LEAT_MODE_GUE));
	must(pool->mode != LEAT_MODE_FOU || pool->tunnel_port < UINT16_MAX);
	must(pool->table_size >= LEAT_TABLE_SIZE_MIN && pool->table_size <= LEAT_TABLE_SIZE_MAX);
	must(check->type >= DOC_CHECK_NONE && check->type <= DOC_CHECK_EXEC);
	must(check->type == DOC_CHECK_NONE || check->type == DOC_CHECK_ICMP || check->type == DOC_CHECK_EXEC || check->port);
	must(check->timeout_ms >= 10 && check->timeout_ms <= check->interval_ms);
	must(check->fast_interval_ms >= 10 && check->fast_interval_ms <= check->interval_ms);
	must(check->rise && check->fall);
	for (i = 0; i < check->status_count; i++)
		must(check->statuses[i].first >= 100 && check->statuses[i].first <= check->statuses[i].last &&
		     check->statuses[i].last <= 599);
	for (i = 0; i < pool->member_count; i++)
		check_member(&pool->members[i]);
}

static uint64_t check_config(const struct config *config)
{
	uint64_t slots = 0;
	unsigned int i;

	for (i = 0; i < config->pool_count; i++) {
		check_pool(&config->pools[i]);
		slots += config->pools[i].table_size;
	}
	for (i = 0; i < config->service_count; i++) {
		must(config->services[i].pool < config->pool_count);
		must(config->services[i].key.port || config->services[i].key.last_port);
	}
	for (i = 0; i < config->interface_count; i++)
		must(strlen(config->interfaces[i].name) < 16);
	must(slots <= LEAT_SLOTS_MAX);
	return slots;
}

static void check_meaning(const struct doc *doc, const struct doc *again)
{
	struct config *config = NULL, *same = NULL;
	struct err err = {}, err_again = {};
	struct diff *diff;

	if (config_compile(doc, &config, &err)) {
		must(!config);
		check_sentence(&err, "");
		must(config_compile(again, &same, &err_again));
		must(!strcmp(err.text, err_again.text));
		return;
	}
	must(!config_compile(again, &same, &err_again));
	if (check_config(config) <= SLOTS_COMPARED) {
		diff = diff_make(config, same);
		must(!diff->line_count && !diff->pool_count);
		diff_free(diff);
	}
	config_free(config);
	config_free(same);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct doc *doc = NULL, *again, *copy;
	struct err err = {};

	if (source_parse("f", (const char *)data, size, &doc, &err)) {
		must(!doc);
		check_sentence(&err, "f:");
		must(err.text[2] >= '1' &&
		     err.text[2] <= '9'); /* the line: libcyaml never says what inspect.c should */
		return 0;
	}
	again = parse_written(doc);
	copy = source_copy(doc);
	must(same_doc(doc, copy));
	check_meaning(doc, again);
	source_free(copy);
	source_free(again);
	source_free(doc);
	return 0;
}
