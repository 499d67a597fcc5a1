/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside user/dataplane: what dataplane.c and attach.c share. */
#ifndef DATAPLANE_OBJECT_H
#define DATAPLANE_OBJECT_H

#include "dataplane/dataplane.h"
#include "leat.skel.h"

struct dataplane {
	struct leat_bpf *skeleton; /* loaded; its program answers explain and is not attached */
	char *pins; /* directory; NULL: nothing is pinned */
	int lock;   /* the directory, locked: maps have one writer; -1: none */
	bool adopted;
	unsigned int cpus;
	struct world world;
	struct leat_counter *verdicts, *services, *backends;
	__u64 *flow_counters;
};

/*
 * Another copy of the object, opened and not loaded, on the dataplane's maps: each interface gets a program of
 * its own, because a dispatcher's part is verified against that dispatcher.
 */
struct leat_bpf *object_for_attach(struct dataplane *dataplane, bool frags, struct err *err);

/* Makes the directory; on a BPF file system, or it says so. */
int pins_prepare(const char *pins, struct err *err);
/* -EBUSY: another process has it. */
int pins_lock(struct dataplane *dataplane, struct err *err);
/*
 * Pins anew the maps of a leat that is attached to some interface, whose pins were lost: all of this layout, or none and
 * false. Called before loading.
 */
bool maps_take_back(struct leat_bpf *skeleton, const char *pins);
/* Before loading: where each map is, or is to be pinned. */
int pins_set(struct leat_bpf *skeleton, const char *pins);
/* Pins every map that is not pinned: at the start, and when something attaches after a detach removed the pins. */
int pins_restore(struct dataplane *dataplane, struct err *err);

/* The last warning of libbpf or libxdp since reports_clear(); "" if none. Both libraries' prints end here. */
const char *reports_last(void);
void reports_clear(void);
/* Routes both libraries' prints to reports_last(); called by whoever uses the libraries first. */
void reports_catch(void);

#endif
