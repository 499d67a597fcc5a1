/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The BPF object: loaded, its maps pinned and mapped, its program attached. The only room that includes
 * libbpf and libxdp.
 */
#ifndef DATAPLANE_DATAPLANE_H
#define DATAPLANE_DATAPLANE_H

#include <stdbool.h>

#include "base/err.h"
#include "model/explain.h"
#include "model/world.h"

#define DATAPLANE_PINS "/sys/fs/bpf/leat"

struct dataplane;

struct dataplane_options {
	const char *pins;  /* directory under a bpffs for maps and program; NULL: nothing is pinned (tests) */
	uint32_t flow_sets; /* of the flow table, a power of two; pinned maps keep the size they have; 0: the default */
};

/*
 * Adopts the maps pinned at options->pins; if their pins are gone, those of a leat that is attached; else makes and pins new
 * ones. Loads the program onto them. -EPROTO: pinned maps of another layout; err says what to do.
 */
int dataplane_open(const struct dataplane_options *options, struct dataplane **ret, struct err *err);
/* Closes; what is pinned and attached goes on forwarding. */
void dataplane_close(struct dataplane *dataplane);

struct world *dataplane_world(struct dataplane *dataplane);
/* True if the maps were there before, pinned or not. */
bool dataplane_is_adopted(const struct dataplane *dataplane);

/* Waits until every packet that began before has left (an RCU grace period). */
void dataplane_grace(void);

/* Sums over all CPUs. */
struct leat_counter dataplane_verdict(const struct dataplane *dataplane, enum leat_verdict verdict);
struct leat_counter dataplane_service(const struct dataplane *dataplane, unsigned int service);
struct leat_counter dataplane_backend(const struct dataplane *dataplane, unsigned int backend);
uint64_t dataplane_flow_events(const struct dataplane *dataplane, enum leat_flow_event event);
/* Zeroes a service's ('s') or backend's ('b') counters: its number has a new owner. */
void dataplane_forget(struct dataplane *dataplane, char what, unsigned int number);

/*
 * Runs the program on a frame as if received by ifindex (0: any), without sending or counting it. *ret_length: room in, length
 * out. Returns the XDP action or -errno.
 */
int dataplane_run(struct dataplane *dataplane, int ifindex, const void *frame, unsigned int length, void *ret_frame,
		  unsigned int *ret_length, enum leat_verdict *ret_verdict);

/*
 * The same, of a packet of the daemon's own that goes to that backend whatever the tables say: what comes out is what the data
 * path would send, if the verdict is LEAT_FORWARDED, or the error that it would answer. 0 or -errno.
 */
int dataplane_wrap(struct dataplane *dataplane, unsigned int backend, const void *frame, unsigned int length, void *ret_frame,
		   unsigned int *ret_length, enum leat_verdict *ret_verdict);

/* --- attaching (attach.c) ---------------------------------------------------------------------- */
struct dataplane_attachment {
	int ifindex;
	bool native, dispatcher, frags, bond;
	uint32_t program_id;
};

/* Whether a process has opened a dataplane pinned there. */
bool dataplane_is_used(const char *pins);

/*
 * Attaches by libxdp: beside other programs where the kernel can, else alone. A program of leat's that is there is replaced.
 * -EOPNOTSUPP: native is not to be had there; a bond's members may have it.
 */
int dataplane_attach(struct dataplane *dataplane, const char *interface, bool generic,
		     struct dataplane_attachment *ret, struct err *err);
/* Detaches leat's program from the interface; 0 also if there is none. */
int dataplane_detach(const char *interface, struct err *err);
/* Where leat's program is attached now: calls found() for each interface. */
void dataplane_attachments(void (*found)(void *context, const char *interface, const struct dataplane_attachment *a),
			   void *context);
/* Detaches everywhere and removes the pins. */
int dataplane_remove(const char *pins, struct err *err);

/* Lets the data path redirect to this interface. */
int dataplane_allow_device(struct dataplane *dataplane, int ifindex, struct err *err);

#endif
