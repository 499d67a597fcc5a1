/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Maps taken back from a program that is attached: a program holds its maps, pinned or not, so flows, counters and
 * tables outlast the loss of their pins. See object.h.
 */
#include <net/if.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include "base/auto.h"
#include "base/log.h"
#include "dataplane/attach_multi.h"
#include "dataplane/object.h"

#define MAPS_MAX 32 /* of a program */

struct found {
	int fd;
	struct bpf_map_info info;
};

static void maps_close(struct found *maps, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		close(maps[i].fd);
}

/* How many. */
static unsigned int maps_of(int program, struct found *ret)
{
	struct bpf_prog_info info;
	__u32 ids[MAPS_MAX] = {}, i;
	unsigned int count = 0;

	if (program < 0 || program_info(program, &info, ids, MAPS_MAX))
		return 0;
	for (i = 0; i < info.nr_map_ids && i < MAPS_MAX; i++) {
		struct found *map = &ret[count];
		__u32 length = sizeof(map->info);

		map->fd = bpf_map_get_fd_by_id(ids[i]);
		if (map->fd < 0)
			continue;
		count++;
		memset(&map->info, 0, sizeof(map->info));
		if (bpf_obj_get_info_by_fd(map->fd, &map->info, &length))
			map->info = (struct bpf_map_info){};
	}
	return count;
}

/* By name, of which the kernel keeps 15 characters, and layout. The flow table may have any size. */
static int map_find(struct leat_bpf *skeleton, const struct bpf_map *wanted, const struct found *maps, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		const struct bpf_map_info *info = &maps[i].info;

		if (!strncmp(info->name, bpf_map__name(wanted), BPF_OBJ_NAME_LEN - 1) && info->type == bpf_map__type(wanted) &&
		    info->key_size == bpf_map__key_size(wanted) && info->value_size == bpf_map__value_size(wanted) &&
		    (info->max_entries == bpf_map__max_entries(wanted) || wanted == skeleton->maps.flows))
			return maps[i].fd;
	}
	return -1;
}

/* All are there, and a leatd has been through with them. */
static bool are_whole(struct leat_bpf *skeleton, const struct found *maps, unsigned int count)
{
	struct leat_control control = {};
	struct bpf_map *map;
	__u32 first = 0;

	bpf_object__for_each_map(map, skeleton->obj)
		if (!bpf_map__is_internal(map) && map_find(skeleton, map, maps, count) < 0)
			return false;
	return !bpf_map_lookup_elem(map_find(skeleton, skeleton->maps.control, maps, count), &first, &control) &&
	       control.version == LEAT_MAPS_VERSION;
}

static bool maps_pin(struct leat_bpf *skeleton, const char *pins, const struct found *maps, unsigned int count)
{
	struct bpf_map *map;
	char path[256];

	bpf_object__for_each_map(map, skeleton->obj) {
		if (bpf_map__is_internal(map))
			continue;
		snprintf(path, sizeof(path), "%s/%s", pins, bpf_map__name(map));
		unlink(path);
		if (bpf_obj_pin(map_find(skeleton, map, maps, count), path))
			return false;
	}
	return true;
}

static bool take_back_from(struct leat_bpf *skeleton, const char *pins, const struct if_nameindex *interface)
{
	struct found maps[MAPS_MAX];
	struct attached *attached;
	unsigned int count;
	bool done;

	if (attached_find(interface->if_index, "leat", &attached) || !attached)
		return false;
	count = maps_of(xdp_program__fd(attached->program), maps);
	attached_free(attached);
	done = are_whole(skeleton, maps, count) && maps_pin(skeleton, pins, maps, count);
	maps_close(maps, count);
	if (done)
		log_warning("%s: pins are gone: took the maps back from the program attached to %s", pins, interface->if_name);
	return done;
}

bool maps_take_back(struct leat_bpf *skeleton, const char *pins)
{
	struct if_nameindex *interfaces = if_nameindex(), *i;
	bool done = false;

	for (i = interfaces; !done && i && i->if_index; i++)
		done = take_back_from(skeleton, pins, i);
	if (interfaces)
		if_freenameindex(interfaces);
	return done;
}
