/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wiring. Whatever changes the world (file, API, health, routes and neighbours, a restart) ends in
 * `reconcile()`: configuration + health + ways -> want -> plan -> stores.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <event2/event.h>

#include "base/err.h"
#include "dataplane/dataplane.h"
#include "health/health.h"
#include "model/config.h"
#include "model/plan.h"
#include "model/sweep.h"
#include "net/ways.h"
#include "serve/serve.h"

struct daemon_options {
	const char *config; /* /etc/leat/leat.yaml */
	const char *state;  /* /var/lib/leat/running.yaml */
	const char *socket; /* /run/leat/leatd.sock */
	const char *pins;   /* /sys/fs/bpf/leat */
};

struct interface_state {
	char *name;
	bool attached;
	bool by_members; /* a bond: what is attached are its members, of which the attachment is one's */
	char *bond;      /* attached as a member of this one; NULL: for itself */
	struct dataplane_attachment attachment;
	char *problem; /* why it is not attached, or one of its members is not */
};

struct daemon {
	struct daemon_options options;
	struct event_base *base;
	struct event *signals[3], *soon, *tick;

	struct doc *doc;       /* the running configuration as written */
	struct config *config; /* and with its meaning */
	uint64_t file_digest;  /* of the configuration file the doc descends from */

	struct dataplane *dataplane;
	struct table_cache *tables;
	struct health_checks *health;
	struct ways *ways;
	struct serve *serve;
	struct lead *lead;   /* lead.c; NULL: no check goes through a VIP */
	struct flows *flows; /* flows.c */
	bool is_settling;    /* a pool waits for its flows to be pinned, or for old pins to go */

	struct interface_state *interfaces;
	unsigned int interface_count;
	bool *all_down; /* by pool of config: what was last logged */
	uint64_t started_us, configuration;
};

/* --- daemon.c ----------------------------------------------------------------------------------- */
/* Opens, adopts and starts everything. The caller stops it also after a failure. */
int daemon_start(struct daemon *daemon, struct err *err);
void daemon_stop(struct daemon *daemon);
int reconcile(struct daemon *daemon, struct err *err);
/* Many causes in one turn of the loop end in one plan. */
void reconcile_soon(struct daemon *daemon);
/* Whether a plan for this config could be made: it fits the maps. */
int reconcile_check(struct daemon *daemon, const struct config *config, struct err *err);

/* --- view.c: what the daemon knows of members ------------------------------------------------------ */
/* Without ways: where nobody goes yet. */
struct want *want_of(struct daemon *daemon, const struct config *config, bool with_ways);

/* --- change.c: one way in for every change of the configuration ------------------------------------ */
/* Takes doc also on failure. Durable before it takes effect; on failure nothing has changed. */
int change_doc(struct daemon *daemon, struct doc *doc, struct err *err);
int change_apply(struct daemon *daemon, const char *name, const char *text, size_t length, bool dry_run,
		 struct diff **ret_diff, struct err *err);
int change_edit(struct daemon *daemon, const struct serve_edit *edit, struct err *err);
/* SIGHUP: the configuration file again, all or nothing. */
int change_reload(struct daemon *daemon, struct err *err);

/* --- state.c: what survives --------------------------------------------------------------------------- */
int state_save(const struct daemon *daemon, const struct doc *doc, struct err *err);
/* The doc to start with: the state if it descends from the file as it is now, else the file. Sets file_digest. */
int state_load(struct daemon *daemon, struct doc **ret, struct err *err);
uint64_t state_digest(const char *text, size_t length);

/* --- flows.c: the clock of pins, the sweeper, what is remembered of members --------------------------------- */
int flows_start(struct daemon *daemon, struct err *err);
void flows_stop(struct daemon *daemon);
/* After every reconcile. */
void flows_follow(struct daemon *daemon, const struct want *want);
/* Whether time alone changes what is wanted: then reconcile, once a second. */
bool flows_move(struct daemon *daemon);
/* What struct want_sources asks: see model/want.h. */
unsigned int flows_ramp(struct daemon *daemon, const struct config_pool *pool, const struct config_member *member);
bool flows_is_overdue(struct daemon *daemon, const struct config_pool *pool, const struct config_member *member);
/* config: the one that is in place, or is tried whether it fits. */
bool flows_are_settled(const struct daemon *daemon, const struct config *config, unsigned int pool_number);
bool flows_are_renewed(const struct daemon *daemon, unsigned int pool_number);
/* For the snapshot. */
uint32_t flows_drain_left_s(struct daemon *daemon, const struct config_pool *pool, const struct config_member *member);
struct sweep_pool flows_of_pool(const struct daemon *daemon, unsigned int pool_number);

/* --- lead.c: probes through the VIP --------------------------------------------------------------------------- */
/* Before health is configured: what its checks need to go through VIPs. */
void lead_start(struct daemon *daemon);
/* After: nothing of it is left where no check needs it. */
void lead_settle(struct daemon *daemon);
void lead_stop(struct daemon *daemon);

/* --- interfaces.c --------------------------------------------------------------------------------------- */
/* Attaches and detaches as the config says; what fails is kept as a problem and tried again by the tick. */
void interfaces_follow(struct daemon *daemon);
/* Detaches what an earlier daemon attached and this configuration does not want. */
void interfaces_sweep(struct daemon *daemon);
int interfaces_try(struct daemon *daemon, const char *name, enum doc_attach mode, struct err *err);
void interfaces_free(struct daemon *daemon);
int interfaces_detach_all(struct daemon *daemon, struct err *err);

/* --- answers.c: snapshot and explain ------------------------------------------------------------------------ */
struct snapshot *answer_snapshot(struct daemon *daemon);
int answer_explain(struct daemon *daemon, const struct explain_question *question, struct explain_answer *ret_answer,
		   struct explain_run *ret_run, struct err *err);

#endif
