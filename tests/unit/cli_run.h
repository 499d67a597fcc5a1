/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs whole command lines of leat in a child, whose output and exit code are looked at, while this process
 * serves the API from a fake daemon.
 */
#ifndef TESTS_CLI_RUN_H
#define TESTS_CLI_RUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/file.h"
#include "cli/command.h"
#include "unit/fake_daemon.h"

static struct event_base *base;
static struct event *child_ended;
static struct serve *serve;
static struct fake fake;
static struct serve_calls calls;
static char directory[] = "/tmp/leat-cli-XXXXXX";
static char *socket_path;

struct result {
	int code;
	char *out, *err;
};

static void result_free(struct result *result)
{
	free(result->out);
	free(result->err);
}
#define auto_result __attribute__((cleanup(result_free))) struct result

static char *file_of(const char *name)
{
	return string_format("%s/%s", directory, name);
}

static void redirect(const char *name, int to, int flags)
{
	auto_free char *file = file_of(name);
	int fd = open(file, flags, 0600);

	if (fd < 0 || dup2(fd, to) < 0)
		_exit(99);
}

/* Words are separated by single spaces; '_' stands for an empty word. */
static inline int child(const char *line)
{
	char *argv[64], *copy = string_copy(line), *word;
	int argc = 0, code;

	redirect("out", 1, O_WRONLY | O_CREAT | O_TRUNC);
	redirect("err", 2, O_WRONLY | O_CREAT | O_TRUNC);
	setenv("LEAT_SOCKET", socket_path, 1);
	setenv("http_proxy", "http://192.0.2.1:1", 1); /* must not matter */
	for (word = strtok(copy, " "); word && argc < 63; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "_") ? word : "";
	argv[argc] = NULL;
	code = command_main(argc, argv);
	fflush(NULL);
	free(copy);
	return code;
}

static inline struct result leat(const char *line)
{
	auto_free char *out = file_of("out"), *err = file_of("err");
	struct result result = {};
	size_t length;
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		/* cmocka's handlers would go on with the next test, in the child. */
		signal(SIGSEGV, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		exit(child(line)); /* not _exit: what watches over a program works when it ends */
	}
	while (waitpid(pid, &status, WNOHANG) == 0)
		event_base_loop(base, EVLOOP_ONCE); /* a request or SIGCHLD */
	assert_true(WIFEXITED(status));
	result.code = WEXITSTATUS(status);
	assert_int_equal(file_read(out, &result.out, &length, NULL), 0);
	assert_int_equal(file_read(err, &result.err, &length, NULL), 0);
	return result;
}

/* Runs the line; wants the code, and the text in the output (code 0) or else on standard error. */
static inline struct result wants(const char *line, int code, const char *text)
{
	struct result result = leat(line);

	if (result.code != code || (text && !strstr(code ? result.err : result.out, text)))
		fail_msg("leat %s: wanted %d '%s', got %d\n%s%s", line, code, text ? text : "", result.code,
			 result.out, result.err);
	return result;
}
#define WANTS(line, code, text)                                                                              \
	do {                                                                                                 \
		auto_result result_ = wants(line, code, text);                                               \
	} while (0)

static inline int before(void **state)
{
	struct err err = {};

	calls = fake_calls(&fake);
	if (serve_start(base, socket_path, &calls, &serve, &err))
		fail_msg("%s", err.text);
	return 0;
}

static inline int after(void **state)
{
	serve_stop(serve);
	serve = NULL;
	return 0;
}

static void on_child(evutil_socket_t fd, short what, void *context)
{
}

static inline int suite_before(void **state)
{
	base = event_base_new();
	child_ended = evsignal_new(base, SIGCHLD, on_child, NULL);
	event_add(child_ended, NULL);
	socket_path = mkdtemp(directory) ? string_format("%s/socket", directory) : NULL;
	return !socket_path;
}

static inline int suite_after(void **state)
{
	auto_free char *out = file_of("out"), *err = file_of("err");

	unlink(out);
	unlink(err);
	rmdir(directory);
	event_free(child_ended);
	event_base_free(base);
	free(socket_path);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)

#endif
