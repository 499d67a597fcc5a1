/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leat, the command that people type. It speaks to the daemon's API and to nothing else: no map, no BPF, no
 * file of the daemon's. commands.c is the list of what it can do.
 */
#include "cli/command.h"

int main(int argc, char **argv)
{
	return command_main(argc > 0 ? argc - 1 : 0, argv + 1);
}
