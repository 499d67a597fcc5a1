/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a case smaller as long as program and model differ over it in the same way: what came before is left out, then
 * services, pools and members; what is left is made plain, the packet is shortened and its bytes set to 0.
 */
#ifndef FUZZ_MINIMISE_H
#define FUZZ_MINIMISE_H

#include "fuzz/case.h"
#include "fuzz/trial.h"

/*
 * found: the two answers that differ. false, and nothing is changed: from empty maps the two agree about the case. The
 * trial's maps hold the small case afterwards. ret: both answers to it.
 */
bool minimise(struct trial *trial, struct fuzz_case *c, const struct answers *found, struct answers *ret);

#endif
