/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is attached to an interface: see attach_multi.h; and removing leat altogether. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <xdp/libxdp.h>

#include "base/auto.h"
#include "dataplane/attach_multi.h"
#include "dataplane/dataplane.h"
#include "dataplane/refusal.h"

static bool is_named(const struct xdp_program *program, const char *want)
{
	const char *name = program ? xdp_program__name(program) : NULL;

	return name && !strcmp(name, want);
}

static struct xdp_program *find_in(struct xdp_multiprog *all, const char *name)
{
	struct xdp_program *program = NULL;

	if (xdp_multiprog__is_legacy(all))
		return is_named(xdp_multiprog__main_prog(all), name) ? xdp_multiprog__main_prog(all) : NULL;
	while ((program = xdp_multiprog__next_prog(program, all)))
		if (is_named(program, name))
			return program;
	return NULL;
}

static bool is_program(int fd, __u32 id)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &length) && info.id == id;
}

/* Whether one of these programs keeps the descriptor. */
static bool is_kept(struct xdp_multiprog *all, int fd)
{
	struct xdp_program *program = NULL;

	if (xdp_program__fd(xdp_multiprog__main_prog(all)) == fd)
		return true;
	while ((program = xdp_multiprog__next_prog(program, all)))
		if (xdp_program__fd(program) == fd)
			return true;
	return false;
}

static bool is_copy(struct xdp_multiprog *all, int fd)
{
	struct xdp_program *program = NULL;

	if (is_program(fd, xdp_program__id(xdp_multiprog__main_prog(all))))
		return true;
	while ((program = xdp_multiprog__next_prog(program, all)))
		if (is_program(fd, xdp_program__id(program)))
			return true;
	return false;
}

/*
 * libxdp 1.3 looks at each program, a dispatcher and those in it, by a descriptor of which it keeps a copy, and never closes
 * the first. Descriptors get the lowest numbers that are free, and nobody else opens any meanwhile: those are the
 * ones from `lowest` on that were not open before and that no program keeps.
 */
#define OPENED_MAX 64 /* descriptors from the lowest on; a dispatcher has ten programs */

static struct xdp_multiprog *multiprog_get(int ifindex)
{
	int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC), i;
	bool was_open[OPENED_MAX] = {};
	struct xdp_multiprog *all;

	for (i = 1; i < OPENED_MAX; i++)
		was_open[i] = fcntl(lowest + i, F_GETFD) >= 0;
	if (lowest >= 0)
		close(lowest);
	all = xdp_multiprog__get_from_ifindex(ifindex);
	if (libxdp_get_error(all) || lowest < 0)
		return all;
	for (i = 0; i < OPENED_MAX; i++)
		if (!was_open[i] && is_copy(all, lowest + i) && !is_kept(all, lowest + i))
			close(lowest + i);
	return all;
}

int attached_find(int ifindex, const char *name, struct attached **ret)
{
	struct xdp_multiprog *all = multiprog_get(ifindex);
	struct xdp_program *program;
	bool busy;

	*ret = NULL;
	if (libxdp_get_error(all))
		return 0;
	program = find_in(all, name);
	if (!program) {
		busy = xdp_multiprog__is_legacy(all);
		xdp_multiprog__close(all);
		return busy ? -EBUSY : 0;
	}
	*ret = memory_zeroed(1, sizeof(**ret));
	**ret = (struct attached){
		.ifindex = ifindex,
		.native = xdp_multiprog__attach_mode(all) == XDP_MODE_NATIVE,
		.dispatcher = !xdp_multiprog__is_legacy(all),
		.all = all,
		.program = program,
	};
	return 0;
}

int attached_remove(const struct attached *a)
{
	if (a->dispatcher)
		return xdp_program__detach(a->program, a->ifindex, a->native ? XDP_MODE_NATIVE : XDP_MODE_SKB, 0);
	return bpf_xdp_detach(a->ifindex, a->native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE, NULL);
}

void attached_free(struct attached *a)
{
	if (!a)
		return;
	xdp_multiprog__close(a->all);
	free(a);
}

int program_info(int fd, struct bpf_prog_info *ret, __u32 *ret_maps, unsigned int map_room)
{
	__u32 length = sizeof(*ret);

	memset(ret, 0, sizeof(*ret));
	ret->nr_map_ids = map_room;
	ret->map_ids = (uintptr_t)ret_maps;
	return bpf_obj_get_info_by_fd(fd, ret, &length);
}

static bool interface_ask(const char *interface, unsigned long what, struct ifreq *ret)
{
	auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memset(ret, 0, sizeof(*ret));
	strncpy(ret->ifr_name, interface, IFNAMSIZ - 1);
	return fd >= 0 && !ioctl(fd, what, ret);
}

unsigned int interface_mtu(const char *interface)
{
	struct ifreq request;

	return interface_ask(interface, SIOCGIFMTU, &request) ? request.ifr_mtu : 0;
}

bool interface_needs_frags(const char *interface)
{
	return interface_mtu(interface) > REFUSAL_MTU_ONE_BUFFER;
}

bool interface_is_bond(const char *interface)
{
	struct ifreq request;

	return interface_ask(interface, SIOCGIFFLAGS, &request) && (request.ifr_flags & IFF_MASTER);
}

static int pins_remove(const char *pins, struct err *err)
{
	DIR *directory = opendir(pins);
	struct dirent *entry;
	int e = 0;

	if (!directory)
		return errno == ENOENT ? 0 : err_set(err, -errno, "%s: %s", pins, strerror(errno));
	while (!e && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		if (unlinkat(dirfd(directory), entry->d_name, 0))
			e = err_set(err, -errno, "%s/%s: cannot remove: %s", pins, entry->d_name, strerror(errno));
	}
	closedir(directory);
	if (!e && rmdir(pins))
		e = err_set(err, -errno, "%s: cannot remove: %s", pins, strerror(errno));
	return e;
}

struct detaching {
	struct err *err;
	int e;
};

static void detach_found(void *context, const char *interface, const struct dataplane_attachment *a)
{
	struct detaching *detaching = context;
	int e = dataplane_detach(interface, detaching->err);

	if (e)
		detaching->e = e;
}

int dataplane_remove(const char *pins, struct err *err)
{
	struct detaching detaching = { err, 0 };
	struct statfs fs;

	/* A directory of something else is a mistake, and its files nobody's to remove. */
	if (!statfs(pins, &fs) && (unsigned long)fs.f_type != BPF_FS_MAGIC)
		return err_set(err, -EINVAL, "%s: not on a BPF file system", pins);
	dataplane_attachments(detach_found, &detaching);
	return detaching.e ? detaching.e : pins_remove(pins, err);
}
