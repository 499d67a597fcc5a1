/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exec probe: a file is run (exec_file.h says which may be) by a user who may do little. It ends with 0:
 * up. The first line it writes to standard output is the text. When its time is over it is killed, with all
 * of its process group; what has left the group (setsid) is not found any more.
 *
 * The process outlives the probe until it is reaped: nothing here waits for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/clock.h"
#include "health/connect.h"
#include "health/exec_child.h"

#define RUNNING_MAX 16 /* at once; others wait for their turn */
#define READS_MAX   16 /* of what is left in the pipe: one that escaped may go on writing */

struct exec_process;

struct exec {
	struct event_base *base;
	struct exec_process *all; /* those that were started and are not yet reaped */
	unsigned int count;
	TAILQ_HEAD(, exec_probe) waiting; /* for their turn */
};

struct exec_probe {
	TAILQ_ENTRY(exec_probe) turn;
	bool is_waiting;
	struct exec *exec;
	const struct probe_target *target;
	probe_done done;
	void *context;
	struct event *timer;          /* it is its turn, or time is up */
	struct exec_process *process; /* NULL: not yet started */
	uint64_t began_us;            /* to wait, then to run: the command has all of its time */
};

struct exec_process {
	struct exec *exec;
	struct exec_process *next;
	struct exec_probe *probe; /* NULL: nobody wants to know any more */
	struct event *ended, *said;
	pid_t pid; /* and of its process group */
	int pidfd, out;
	char line[PROBE_TEXT_MAX]; /* of what it said, the first */
	size_t length;
};

/* --- processes ------------------------------------------------------------------------------------ */

/* There is room for one more, or one less waits. */
static void turn_next(struct exec *exec)
{
	struct exec_probe *next = TAILQ_FIRST(&exec->waiting);

	if (next)
		event_active(next->timer, EV_TIMEOUT, 0);
}

static void process_free(struct exec_process *process)
{
	struct exec_process **at = &process->exec->all;
	struct exec *exec = process->exec;

	while (*at != process)
		at = &(*at)->next;
	*at = process->next;
	exec->count--;
	event_free(process->ended);
	event_free(process->said);
	close(process->pidfd);
	close(process->out);
	free(process);
	turn_next(exec);
}

/* Keeps the first line; what follows is read, so that nobody waits in write(2), and forgotten. False: it
 * ended. */
static bool process_hear(struct exec_process *process)
{
	char bytes[4096];
	ssize_t n = read(process->out, bytes, sizeof(bytes)), i;

	for (i = 0; i < n && process->length < sizeof(process->line) - 1; i++) {
		process->line[process->length++] = bytes[i];
		if (bytes[i] == '\n')
			process->length = sizeof(process->line); /* no more is wanted */
	}
	return n > 0;
}

static void process_on_output(evutil_socket_t fd, short what, void *context)
{
	struct exec_process *process = context;

	if (!process_hear(process) && errno != EAGAIN && errno != EINTR)
		event_del(process->said);
}

/* What it said, as one line that can be shown. */
static void process_line(struct exec_process *process, char *line)
{
	char *at;

	snprintf(line, PROBE_TEXT_MAX, "%.*s", (int)strcspn(process->line, "\r\n"), process->line);
	for (at = line; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
}

static enum probe_result process_judge(struct exec_process *process, const siginfo_t *end, char *text)
{
	char line[PROBE_TEXT_MAX];

	process_line(process, line);
	if (end->si_code != CLD_EXITED)
		snprintf(text, PROBE_TEXT_MAX, "ended by signal %d%s%.200s", end->si_status,
			 *line ? ": " : "", line);
	else if (end->si_status == EXEC_NOT_RUN)
		snprintf(text, PROBE_TEXT_MAX, "exit %d: it could not be run%s%.200s", EXEC_NOT_RUN,
			 *line ? ": " : "", line);
	else if (end->si_status)
		snprintf(text, PROBE_TEXT_MAX, "exit %d%s%.200s", end->si_status, *line ? ": " : "", line);
	else
		probe_took_text(*line ? line : "exit 0", process->probe->began_us, text);
	if (end->si_code == CLD_EXITED && end->si_status == EXEC_NOT_RUN)
		return PROBE_UNASKED;
	return end->si_code == CLD_EXITED && !end->si_status ? PROBE_SUCCEEDED : PROBE_FAILED;
}

static void turn_end(struct exec_probe *probe)
{
	if (probe->is_waiting)
		TAILQ_REMOVE(&probe->exec->waiting, probe, turn);
	probe->is_waiting = false;
}

static void exec_free(struct exec_probe *probe)
{
	turn_end(probe);
	event_free(probe->timer);
	free(probe);
}

static void exec_tell(struct exec_probe *probe, enum probe_result result, const char *text)
{
	probe_done done = probe->done;
	void *context = probe->context;

	exec_free(probe);
	done(context, result, text);
}

/* The process by itself, too: it may not have come to making a group. */
static void process_kill(const struct exec_process *process)
{
	kill(process->pid, SIGKILL);
	kill(-process->pid, SIGKILL);
}

static void process_on_end(evutil_socket_t fd, short what, void *context)
{
	struct exec_process *process = context;
	struct exec_probe *probe = process->probe;
	enum probe_result result = PROBE_FAILED;
	char text[PROBE_TEXT_MAX];
	siginfo_t end = {};
	int i;

	process_kill(process); /* whom it left behind; the group's number is its own until it is reaped */
	if (waitid(P_PIDFD, process->pidfd, &end, WEXITED | WNOHANG) || !end.si_pid)
		return;
	for (i = 0; i < READS_MAX && process_hear(process); i++)
		;
	if (probe)
		result = process_judge(process, &end, text);
	process_free(process);
	if (probe)
		exec_tell(probe, result, text);
}

static void process_abandon(struct exec_process *process)
{
	process_kill(process);
	process->probe = NULL;
}

/* 0 or an errno. */
static int process_start(struct exec_probe *probe, const struct exec_file *file)
{
	struct exec *exec = probe->exec;
	struct exec_process *process = memory_zeroed(1, sizeof(*process));
	int e = exec_child_start(probe->target, file, &process->pid, &process->pidfd, &process->out);

	if (e) {
		free(process);
		return e;
	}
	process->exec = exec;
	process->probe = probe;
	process->next = exec->all;
	exec->all = process;
	exec->count++;
	process->said = event_new(exec->base, process->out, EV_READ | EV_PERSIST, process_on_output, process);
	process->ended = event_new(exec->base, process->pidfd, EV_READ | EV_PERSIST, process_on_end, process);
	event_add(process->said, NULL);
	event_add(process->ended, NULL);
	probe->process = process;
	return 0;
}

/* --- probes --------------------------------------------------------------------------------------- */

static void exec_cancel(void *context)
{
	struct exec_probe *probe = context;

	struct exec *exec = probe->exec;

	if (probe->process)
		process_abandon(probe->process);
	exec_free(probe);
	if (exec->count < RUNNING_MAX)
		turn_next(exec); /* it may have been this one's */
}

static void exec_run(struct exec_probe *probe)
{
	struct timeval left;
	struct exec_file file;
	struct err err = {};
	char text[PROBE_TEXT_MAX];
	int e = exec_file_find(&probe->target->settings, &file, &err);

	turn_end(probe);
	if (e) {
		turn_next(probe->exec); /* this one made no use of it */
		snprintf(text, sizeof(text), "%.*s", PROBE_TEXT_MAX - 1, err.text);
		exec_tell(probe, PROBE_UNASKED, text);
		return;
	}
	probe->began_us = clock_us();
	left = probe_time_left(probe->target, probe->began_us);
	e = process_start(probe, &file);
	exec_file_clear(&file);
	if (!e) {
		event_add(probe->timer, &left);
		return;
	}
	turn_next(probe->exec);
	probe_error(e, text);
	exec_tell(probe, PROBE_UNASKED, text); /* not a word of the backend's */
}

static void exec_on_timer(evutil_socket_t fd, short what, void *context)
{
	struct exec_probe *probe = context;
	struct timeval left = probe_time_left(probe->target, probe->began_us);
	char text[PROBE_TEXT_MAX], duration[ADDR_TEXT_MAX];
	bool is_late = !left.tv_sec && !left.tv_usec;

	duration_format(probe->target->settings.timeout_ms, duration);
	if (probe->process) {
		snprintf(text, sizeof(text), "killed after %s", duration);
		process_abandon(probe->process);
		exec_tell(probe, PROBE_FAILED, text);
	} else if (probe->exec->count < RUNNING_MAX) {
		exec_run(probe);
	} else if (is_late) {
		snprintf(text, sizeof(text), "%u commands are running; there was no turn for one more in %s",
			 RUNNING_MAX, duration);
		exec_tell(probe, PROBE_UNASKED, text);
	} else {
		if (!probe->is_waiting)
			TAILQ_INSERT_TAIL(&probe->exec->waiting, probe, turn);
		probe->is_waiting = true;
		event_add(probe->timer, &left);
	}
}

static void *exec_start(const struct probe_loop *loop, const struct probe_target *target, probe_done done,
			void *context)
{
	struct exec_probe *probe = memory_zeroed(1, sizeof(*probe));
	struct timeval at_once = {};

	probe->exec = loop->exec;
	probe->target = target;
	probe->done = done;
	probe->context = context;
	probe->began_us = clock_us();
	probe->timer = evtimer_new(loop->base, exec_on_timer, probe);
	event_add(probe->timer, &at_once);
	return probe;
}

const struct probe_kind probe_exec = {"exec", exec_start, exec_cancel};

/* --- all of them ---------------------------------------------------------------------------------- */

struct exec *exec_open(struct event_base *base)
{
	struct exec *exec = memory_zeroed(1, sizeof(*exec));

	exec->base = base;
	TAILQ_INIT(&exec->waiting);
	return exec;
}

void exec_close(struct exec *exec)
{
	if (!exec)
		return;
	while (exec->all) {
		process_abandon(exec->all); /* whoever adopts what is left reaps it */
		waitid(P_PIDFD, exec->all->pidfd, &(siginfo_t){}, WEXITED | WNOHANG);
		process_free(exec->all);
	}
	free(exec);
}
