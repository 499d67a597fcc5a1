/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket's file: see listen.h. */
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/log.h"
#include "serve/listen.h"

#define LISTEN_GROUP "leat"

static int address_make(const char *path, struct sockaddr_un *ret, struct err *err)
{
	if (!*path || strlen(path) >= sizeof(ret->sun_path))
		return err_set(err, -ENAMETOOLONG,
			       "socket path '%s': a Unix socket's path has 1 to %zu bytes", path,
			       sizeof(ret->sun_path) - 1);
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	strcpy(ret->sun_path, path);
	return 0;
}

static bool answers(const struct sockaddr_un *address)
{
	auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	/* A full backlog (EAGAIN) is somebody, too. */
	return fd >= 0 && (!connect(fd, (const void *)address, sizeof(*address)) || errno == EAGAIN);
}

bool listen_is_alive(const char *path)
{
	struct sockaddr_un address;

	return !address_make(path, &address, NULL) && answers(&address);
}

/* Removes a socket file that nobody listens on any more. */
static int stale_remove(const struct sockaddr_un *address, struct err *err)
{
	struct stat st;

	if (lstat(address->sun_path, &st))
		return errno == ENOENT ? 0
				       : err_set(err, -errno, "%s: %s", address->sun_path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, -EEXIST, "%s: there is a file that is not a socket; it is left alone",
			       address->sun_path);
	if (answers(address))
		return err_set(err, -EADDRINUSE, "%s: another leatd answers on this socket",
			       address->sun_path);
	if (unlink(address->sun_path) && errno != ENOENT)
		return err_set(err, -errno, "%s: cannot remove the stale socket: %s", address->sun_path,
			       strerror(errno));
	return 0;
}

/* Whoever may not change the file's group (no root) still gets the mode. */
static void access_set(const char *path)
{
	struct group *group = getgrnam(LISTEN_GROUP);

	if (group && chown(path, -1, group->gr_gid))
		log_warning("%s: cannot give it to group %s: %s", path, LISTEN_GROUP, strerror(errno));
	if (chmod(path, 0660))
		log_warning("%s: cannot set its mode to 0660: %s", path, strerror(errno));
}

static int bind_private(int fd, const struct sockaddr_un *address)
{
	mode_t old = umask(0177); /* nobody else gets in before access_set() */
	int e = bind(fd, (const void *)address, sizeof(*address)) ? -errno : 0;

	umask(old);
	return e;
}

int listen_open(const char *path, struct listen_file *ret_file, struct err *err)
{
	auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address;
	struct stat st;
	int e;

	if (fd < 0)
		return err_set(err, -errno, "Unix sockets: %s", strerror(errno));
	e = address_make(path, &address, err);
	if (!e) {
		file_make_directory(path); /* if it fails, bind says why */
		e = stale_remove(&address, err);
	}
	if (e)
		return e;
	e = bind_private(fd, &address);
	if (e)
		return err_set(err, e, "%s: cannot make the socket: %s", path, strerror(-e));
	access_set(path);
	if (listen(fd, SOMAXCONN) || lstat(path, &st)) {
		e = -errno;
		unlink(path);
		return err_set(err, e, "%s: cannot listen: %s", path, strerror(-e));
	}
	*ret_file = (struct listen_file){string_copy(path), st.st_dev, st.st_ino};
	e = fd;
	fd = -1;
	return e;
}

void listen_remove(struct listen_file *file)
{
	struct stat st;

	/* Another daemon may have put its own socket there meanwhile. */
	if (file->path && !lstat(file->path, &st) && st.st_dev == file->device && st.st_ino == file->inode)
		unlink(file->path);
	free(file->path);
	*file = (struct listen_file){};
}
