/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process of an exec check: see exec_child.h. After fork(2) only what is safe in a signal handler is
 * called. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/auto.h"
#include "health/exec_child.h"

#define PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define MIB  (1024 * 1024ul)

enum { ENV_COUNT = 5 };

/* To be freed with env_free. */
static void env_make(const struct probe_target *target, char *env[ENV_COUNT + 1])
{
	char addr[ADDR_TEXT_MAX], port[ADDR_TEXT_MAX] = "";

	if (target->settings.port)
		snprintf(port, sizeof(port), "%u", target->settings.port);
	env[0] = string_copy(PATH);
	env[1] = string_format("LEAT_POOL=%s", target->pool);
	env[2] = string_format("LEAT_BACKEND=%s", addr_format(&target->addr, addr));
	env[3] = string_format("LEAT_PORT=%s", port);
	env[4] = string_format("LEAT_TIMEOUT_MS=%u", target->settings.timeout_ms);
	env[5] = NULL;
}

static void env_free(char *env[ENV_COUNT + 1])
{
	int i;

	for (i = 0; i < ENV_COUNT; i++)
		free(env[i]);
}

/* What a check may use. Processes are counted for the user, not for the check. */
static bool child_limit(const struct probe_target *target)
{
	const struct {
		int what;
		rlim_t limit;
	} limits[] = {
		{RLIMIT_CORE, 0},        {RLIMIT_CPU, target->settings.timeout_ms / 1000 + 1},
		{RLIMIT_AS, 1024 * MIB}, {RLIMIT_FSIZE, MIB},
		{RLIMIT_NOFILE, 256},    {RLIMIT_NPROC, 512},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(limits); i++)
		if (setrlimit(limits[i].what, &(struct rlimit){limits[i].limit, limits[i].limit}))
			return false;
	return true;
}

/* Only to root are there groups and users to choose among. */
static bool child_become(const struct exec_file *file)
{
	return !setgroups(0, NULL) && !setresgid(file->gid, file->gid, file->gid) &&
	       !setresuid(file->uid, file->uid, file->uid) && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static void child_signals(void)
{
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

__attribute__((noreturn)) static void child_run(const struct probe_target *target,
						const struct exec_file *file, char **env, int null, int out,
						pid_t parent)
{
	setsid();
	child_signals();
	if (dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0 ||
	    close_range(STDERR_FILENO + 1, ~0u, 0) || chdir("/") || !child_limit(target) ||
	    !child_become(file))
		_exit(EXEC_NOT_RUN);
	umask(077);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* after the change of user, which takes it back */
	if (getppid() == parent)
		execve(file->path, file->args, env);
	_exit(EXEC_NOT_RUN);
}

int exec_child_start(const struct probe_target *target, const struct exec_file *file, pid_t *ret_pid,
		     int *ret_pidfd, int *ret_out)
{
	auto_close int null = open("/dev/null", O_RDWR | O_CLOEXEC), write_end = -1;
	char *env[ENV_COUNT + 1];
	pid_t pid, parent = getpid();
	int out[2], e = 0;

	if (null < 0 || pipe2(out, O_CLOEXEC))
		return errno;
	write_end = out[1];
	env_make(target, env);
	pid = fork();
	if (!pid)
		child_run(target, file, env, null, write_end, parent);
	e = pid < 0 ? errno : 0;
	env_free(env);
	*ret_pidfd = e ? -1 : pidfd_open(pid, 0);
	if (!e && *ret_pidfd < 0) {
		e = errno;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	if (e) {
		close(out[0]);
		return e;
	}
	fcntl(out[0], F_SETFL, O_NONBLOCK); /* of this end alone */
	*ret_pid = pid;
	*ret_out = out[0];
	return 0;
}
