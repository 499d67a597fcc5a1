/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a case smaller as long as program and model differ over it in the same way: services, pools and
 * members are left out, what is left is made plain, the packet is shortened and its bytes set to 0.
 */
#ifndef FUZZ_MINIMISE_H
#define FUZZ_MINIMISE_H

#include "fuzz/case.h"
#include "fuzz/trial.h"

/*
 * false, and nothing is changed: the two agree about the case when it is reached from empty maps, so that
 * what came before matters. The trial's maps hold the small case afterwards. ret: both answers to it.
 */
bool minimise(struct trial *trial, struct fuzz_case *c, struct answers *ret);

#endif
