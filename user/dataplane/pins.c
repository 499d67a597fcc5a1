/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The directory where the maps are pinned: made, locked against a second daemon, filled again after a detach. See object.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/magic.h>

#include "base/auto.h"
#include "base/log.h"
#include "dataplane/object.h"

static bool is_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (unsigned long)fs.f_type == BPF_FS_MAGIC;
}

int pins_prepare(const char *pins, struct err *err)
{
	auto_free char *parent = string_copy(pins);
	char *slash = strrchr(parent, '/');

	if (!slash || slash == parent)
		return err_set(err, -EINVAL, "%s: not a directory under a BPF file system such as /sys/fs/bpf", pins);
	*slash = 0;
	if (!is_bpffs(parent) && !strcmp(parent, "/sys/fs/bpf") && mount("bpf", parent, "bpf", 0, "mode=0700"))
		return err_set(err, -errno, "%s: cannot mount the BPF file system: %s; try: mount -t bpf bpf %s", parent,
			       strerror(errno), parent);
	if (!is_bpffs(parent))
		return err_set(err, -EINVAL, "%s: not on a BPF file system; pin under /sys/fs/bpf, or: mount -t bpf bpf %s",
			       parent, parent);
	if (mkdir(pins, 0700) && errno != EEXIST)
		return err_set(err, -errno, "%s: cannot make the directory: %s", pins, strerror(errno));
	return 0;
}

/* How many of the object's maps are pinned, and how many there are; removes their pins if asked to. */
static unsigned int pins_count(struct leat_bpf *skeleton, const char *pins, bool remove, unsigned int *ret_all)
{
	unsigned int there = 0;
	struct bpf_map *map;
	char path[256];

	*ret_all = 0;
	bpf_object__for_each_map(map, skeleton->obj) {
		if (bpf_map__is_internal(map))
			continue;
		snprintf(path, sizeof(path), "%s/%s", pins, bpf_map__name(map));
		++*ret_all;
		there += !access(path, F_OK);
		if (remove)
			unlink(path);
	}
	return there;
}

/*
 * Maps describe one another: what the others say of one that is gone is wrong. But the program that is attached has its maps,
 * whole, also when no pin is left.
 */
static void pins_all_or_none(struct leat_bpf *skeleton, const char *pins)
{
	unsigned int all, there = pins_count(skeleton, pins, false, &all);

	if (there == all || maps_take_back(skeleton, pins))
		return;
	if (there)
		log_warning("%s: only %u of %u maps are pinned: beginning with new ones", pins, there, all);
	pins_count(skeleton, pins, true, &all);
}

/*
 * libbpf adopts or pins each map by its path, but not `devices`: the kernel adds a flag to device maps
 * (BPF_F_RDONLY_PROG, kernel/bpf/devmap.c) that it would not accept at creation, and libbpf takes that for another layout.
 */
static int pin_reuse(struct bpf_map *map, const char *path)
{
	auto_close int fd = bpf_obj_get(path);

	return fd < 0 ? 0 : bpf_map__reuse_fd(map, fd);
}

/* The flow table is adopted in the size it has: what it remembers matters more than a new size. */
static void pin_keep_size(struct bpf_map *map, const char *path)
{
	auto_close int fd = bpf_obj_get(path);
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &length))
		bpf_map__set_max_entries(map, info.max_entries);
}

int pins_set(struct leat_bpf *skeleton, const char *pins)
{
	struct bpf_map *map;
	char path[256];
	int e;

	pins_all_or_none(skeleton, pins);
	bpf_object__for_each_map(map, skeleton->obj) {
		if (bpf_map__is_internal(map))
			continue;
		snprintf(path, sizeof(path), "%s/%s", pins, bpf_map__name(map));
		if (map == skeleton->maps.flows)
			pin_keep_size(map, path);
		e = map == skeleton->maps.devices ? pin_reuse(map, path) : bpf_map__set_pin_path(map, path);
		if (e)
			return e;
	}
	return 0;
}

/* A descriptor that holds the directory, or -errno: -EWOULDBLOCK if another process does. One that ends gets a second. */
static int directory_lock(const char *path)
{
	const struct timespec moment = { .tv_nsec = 20000000 };
	auto_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int locked = fd, tries = 50;

	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK || !tries--)
			return -errno;
		nanosleep(&moment, NULL);
	}
	fd = -1;
	return locked;
}

bool dataplane_is_used(const char *pins)
{
	auto_close int fd = directory_lock(pins);

	return fd == -EWOULDBLOCK;
}

/* Two writers would tear the maps. The lock goes with the process, however it ends. After a detach the directory is a new one. */
int pins_lock(struct dataplane *d, struct err *err)
{
	struct stat held, now;

	if (d->lock >= 0 && !fstat(d->lock, &held) && !stat(d->pins, &now) && held.st_ino == now.st_ino &&
	    held.st_dev == now.st_dev)
		return 0;
	if (d->lock >= 0)
		close(d->lock);
	d->lock = directory_lock(d->pins);
	if (d->lock == -EWOULDBLOCK)
		return err_set(err, -EBUSY, "%s: another leatd uses the maps pinned there", d->pins);
	return d->lock < 0 ? err_set(err, d->lock, "%s: cannot be locked: %s", d->pins, strerror(-d->lock)) : 0;
}

int pins_restore(struct dataplane *d, struct err *err)
{
	struct bpf_map *map;
	char path[256];
	int e;

	if (!d->pins)
		return 0;
	e = pins_prepare(d->pins, err);
	if (!e)
		e = pins_lock(d, err);
	if (e)
		return e;
	bpf_object__for_each_map(map, d->skeleton->obj) {
		if (bpf_map__is_internal(map))
			continue;
		snprintf(path, sizeof(path), "%s/%s", d->pins, bpf_map__name(map));
		if (bpf_obj_pin(bpf_map__fd(map), path) && errno != EEXIST)
			return err_set(err, -errno, "%s: cannot pin: %s", path, strerror(errno));
	}
	return 0;
}
