/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an exec check may run: a file that only root can put in place or change, so that who may write
 * somewhere cannot make leatd run what they like. The user is one of /etc/passwd: a directory service could
 * keep the loop waiting.
 */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/quote.h"
#include "health/exec_file.h"
#include "health/health.h"

#define PASSWD "/etc/passwd"

/* One file or directory that the path leads through. */
static int is_roots(const char *path, const char *of, struct err *err)
{
	struct stat is;

	if (stat(path, &is))
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	if (is.st_uid)
		return err_set(err, -EPERM,
			       "%s belongs to user %u; only what is root's, with all directories that lead "
			       "to it, is run%s%s",
			       path, is.st_uid, of ? ": " : "", of ? of : "");
	if (is.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err, -EPERM,
			       "%s can be written by others than root (mode %o); only what root alone can "
			       "change is run%s%s",
			       path, is.st_mode & 07777, of ? ": " : "", of ? of : "");
	return 0;
}

/* The file, and the directories above it. */
static int path_check(const char *path, struct err *err)
{
	auto_free char *above = string_copy(path);
	struct stat is;
	char *slash;
	int e = is_roots(path, NULL, err);

	if (!e && (stat(path, &is) || !S_ISREG(is.st_mode) || !(is.st_mode & S_IXUSR)))
		e = err_set(err, -EACCES, "%s is no file that can be run; chmod 755 makes it one", path);
	while (!e && (slash = strrchr(above, '/')) && slash != above) {
		*slash = 0;
		e = is_roots(above, path, err);
	}
	return e ? e : is_roots("/", path, err);
}

static int user_find(const char *name, struct exec_file *file, struct err *err)
{
	auto_fclose FILE *passwd = fopen(PASSWD, "re");
	char shown[QUOTE_MAX];
	struct passwd *user;

	if (!passwd)
		return err_set(err, -errno, PASSWD ": %s", strerror(errno));
	do {
		errno = 0;
		user = fgetpwent(passwd);
	} while (user && strcmp(user->pw_name, name));
	if (!user)
		return err_set(err, -ENOENT, "there is no user %s in " PASSWD " to run it",
			       quote(name, shown));
	if (!user->pw_uid || !user->pw_gid)
		return err_set(err, -EPERM, "user %s is root, or of root's group, and may do too much",
			       quote(name, shown));
	file->uid = user->pw_uid;
	file->gid = user->pw_gid;
	return 0;
}

int exec_file_find(const struct config_check *settings, struct exec_file *ret, struct err *err)
{
	struct exec_file file = {.words = string_copy(settings->command)};
	char *rest = file.words, *word;
	unsigned int count = 0;
	int e = 0;

	while (count < EXEC_ARGS_MAX && (word = strsep(&rest, " ")))
		if (*word)
			file.args[count++] = word;
	if (rest)
		e = err_set(err, -E2BIG, "%s has more than %d arguments", file.args[0], EXEC_ARGS_MAX - 1);
	if (!e)
		file.path = realpath(file.args[0], NULL);
	if (!e && !file.path)
		e = err_set(err, -errno, "%s: %s", file.args[0], strerror(errno));
	if (!e)
		e = path_check(file.path, err);
	if (!e)
		e = user_find(settings->user, &file, err);
	if (e)
		exec_file_clear(&file);
	else
		*ret = file;
	return e;
}

static bool is_old(const struct config *old, const struct config_pool *pool)
{
	unsigned int i;

	for (i = 0; old && i < old->pool_count; i++)
		if (!strcmp(old->pools[i].name, pool->name))
			return config_check_equal(&old->pools[i].check, &pool->check);
	return false;
}

int health_allows(const struct config *new, const struct config *old, struct err *err)
{
	struct exec_file file;
	unsigned int i;
	int e;

	for (i = 0; i < new->pool_count; i++) {
		const struct config_pool *pool = &new->pools[i];

		if (pool->check.type != DOC_CHECK_EXEC || is_old(old, pool))
			continue;
		e = exec_file_find(&pool->check, &file, err);
		if (e)
			return err_prefix(err, e, "pools[%s].check", pool->name);
		exec_file_clear(&file);
	}
	return 0;
}

void exec_file_clear(struct exec_file *file)
{
	free(file->words);
	free(file->path);
	*file = (struct exec_file){};
}
