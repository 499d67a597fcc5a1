/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks that run a command: as whom, with what, for how long, and which files are refused. Needs root. */
#include <signal.h>
#include <sys/stat.h>

#include "base/file.h"
#include "unit/health_lab.h"

static char directory[] = "/run/leat-exec-XXXXXX";
static char command[128];

static int directory_up(void **state)
{
	if (getuid())
		return 0;
	assert_non_null(mkdtemp(directory));
	return chmod(directory, 0755);
}

static int directory_down(void **state)
{
	char line[128];

	if (getuid())
		return 0;
	snprintf(line, sizeof(line), "rm -r %s", directory);
	return system(line);
}

/* Writes the script that the check runs. */
static void script(const char *text)
{
	auto_free char *whole = string_format("#!/bin/sh\n%s\n", text);

	snprintf(command, sizeof(command), "%s/script", directory);
	assert_int_equal(file_replace(command, whole, strlen(whole), 0755, NULL), 0);
}

static void run(const char *text)
{
	if (getuid())
		skip();
	script(text);
	lab.pool.check.type = DOC_CHECK_EXEC;
	lab.pool.check.command = command;
	lab.pool.check.user = "nobody";
	lab.pool.check.timeout_ms = 5000;
	lab.pool.check.port = 8080;
	lab_configure();
}

static void becomes(enum health wanted, const char *text)
{
	await(lab.told == wanted);
	if (!strstr(lab.text, text))
		fail_msg("'%s' lacks '%s'", lab.text, text);
}

static void exit_status_and_first_line(void **state)
{
	run("echo 'all is well'; echo more");
	becomes(HEALTH_UP, "all is well in ");
	script("echo 'disk full'; exit 2");
	becomes(HEALTH_DOWN, "exit 2: disk full");
	script("exit 0");
	becomes(HEALTH_UP, "exit 0 in ");
	script("kill -TERM $$");
	becomes(HEALTH_DOWN, "ended by signal 15");
	script("printf 'a\\tb\\nc'");
	becomes(HEALTH_UP, "a?b in ");
}

static void who_and_with_what(void **state)
{
	run("echo $(id -u) $(id -G) $# $1 $2 $LEAT_POOL $LEAT_BACKEND $LEAT_PORT $LEAT_TIMEOUT_MS");
	lab.pool.check.command = string_format("%s  --one  two ", command);
	lab_configure();
	becomes(HEALTH_UP, "65534 65534 2 --one two web 127.0.0.1 8080 5000 in ");
	free(lab.pool.check.command);
	lab.pool.check.command = command;
}

static void no_descriptors_no_environment_no_privileges(void **state)
{
	run("exec 2> /dev/null; echo $(ls /proc/self/fd | wc -l) $(env | grep -c LEAT_) $(env | wc -l)"
	    " $(grep -o 'NoNewPrivs.*' /proc/self/status | tr -d '\\t') $(ulimit -c) $(pwd)");
	/* its own three and that of the directory; PWD is the shell's */
	becomes(HEALTH_UP, "4 4 6 NoNewPrivs:1 0 / in ");
}

static void is_killed_with_all_its_children(void **state)
{
	char line[128], text[256];
	FILE *file;
	int child = 0, tries;

	run("sleep 60 & echo $! > /dev/null; echo $!; wait");
	lab.pool.check.timeout_ms = 300;
	lab_configure();
	becomes(HEALTH_DOWN, "killed after 300ms");
	/* The same once more, with the child's number where others can read it. */
	snprintf(line, sizeof(line), "%s/pid", directory);
	file = fopen(line, "w");
	fclose(file);
	chmod(line, 0666);
	snprintf(text, sizeof(text), "sleep 60 & echo $! > %s; wait", line);
	script(text);
	for (tries = 0; tries < 100 && !child; tries++) {
		event_base_loopexit(lab.base, &(struct timeval){ 0, 50000 });
		event_base_loop(lab.base, EVLOOP_ONCE);
		file = fopen(line, "r");
		if (fscanf(file, "%d", &child) != 1)
			child = 0;
		fclose(file);
	}
	assert_int_not_equal(child, 0);
	script("exit 0"); /* no further ones */
	await(lab.told == HEALTH_UP);
	await(kill(child, 0) != 0);
}

static void who_writes_much_does_not_wait(void **state)
{
	run("head -c 1000000 /dev/zero | tr '\\0' x");
	becomes(HEALTH_UP, "xxxxxxxxxx");
}

/* A process that goes on after the end of its parent is ended, too, and nobody waits for its output. */
static void what_is_left_behind_is_ended(void **state)
{
	double began = seconds();

	run("sleep 60 & echo done");
	becomes(HEALTH_UP, "done in ");
	assert_true(seconds() - began < 5);
}

/* More than may run at once take turns; the loop goes on. */
static void many_take_turns(void **state)
{
	char addr[ADDR_TEXT_MAX];
	size_t i;

	if (getuid())
		skip();
	for (i = 0; i < 60; i++) {
		snprintf(addr, sizeof(addr), "127.0.0.%zu", i + 1);
		addr_parse(addr, &lab.members[i].addr);
		lab.members[i].state = DOC_STATE_ENABLED;
	}
	lab.pool.member_count = 60;
	lab.pool.check.rise = 1;
	lab.pool.check.interval_ms = 60000;
	run("sleep 0.02");
	await(lab.changes >= 60);
	assert_int_equal(lab.told, HEALTH_UP);
}

/* Those that never end do not keep the others from their turn for longer than their time. */
static void those_that_hang_give_way(void **state)
{
	char addr[ADDR_TEXT_MAX];
	size_t i;

	if (getuid())
		skip();
	for (i = 0; i < 40; i++) {
		snprintf(addr, sizeof(addr), "127.0.0.%zu", i + 1);
		addr_parse(addr, &lab.members[i].addr);
		lab.members[i].state = DOC_STATE_ENABLED;
	}
	lab.pool.member_count = 40;
	run("case $LEAT_BACKEND in *[02468]) exit 0 ;; esac; sleep 60");
	lab.pool.check.timeout_ms = 300;
	lab_configure();
	await(lab.changes >= 40);
}

static void unasked(const char *text)
{
	const char *said = NULL;

	lab_configure();
	await((health_now(&said), said && strstr(said, text)));
	assert_int_equal(health_now(NULL), HEALTH_UNKNOWN);
}

static void files_that_are_refused(void **state)
{
	run("exit 0");
	chmod(command, 0775);
	unasked("can be written by others than root (mode 775)");
	chmod(command, 0644);
	unasked("is no file that can be run");
	chmod(command, 0755);
	assert_int_equal(chown(command, 65534, 0), 0);
	unasked("belongs to user 65534");
	assert_int_equal(chown(command, 0, 0), 0);
	chmod(directory, 0777);
	unasked("can be written by others than root (mode 777)");
	chmod(directory, 0755);
	lab.pool.check.user = "no-such-user";
	unasked("there is no user 'no-such-user' in /etc/passwd");
	lab.pool.check.user = "root";
	unasked("user 'root' is root");
	lab.pool.check.user = "nobody";
	script("exit 126"); /* as when its interpreter is missing */
	unasked("exit 126: it could not be run");
	lab.pool.check.command = "/run/no/such/file";
	unasked("/run/no/such/file: No such file or directory");
	lab.pool.check.command = command;
	script("exit 0");
	lab_configure();
	becomes(HEALTH_UP, "exit 0");
}

static void a_change_is_refused_at_once(void **state)
{
	struct config_pool old_pool;
	struct config old = { .pools = &old_pool, .pool_count = 1 };
	struct err err = {};

	run("exit 0");
	assert_int_equal(health_allows(&lab.config, NULL, &err), 0);
	chmod(command, 0777);
	old_pool = lab.pool;
	assert_int_equal(health_allows(&lab.config, &old, NULL), 0); /* it was there before */
	old_pool.check.timeout_ms++;
	assert_int_not_equal(health_allows(&lab.config, &old, &err), 0);
	assert_ptr_equal(strstr(err.text, "pools[web].check: /run/leat-exec-"), err.text);
	assert_non_null(strstr(err.text, "can be written by others"));
	chmod(command, 0755);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(exit_status_and_first_line),
		IN_LAB(who_and_with_what),
		IN_LAB(no_descriptors_no_environment_no_privileges),
		IN_LAB(is_killed_with_all_its_children),
		IN_LAB(who_writes_much_does_not_wait),
		IN_LAB(what_is_left_behind_is_ended),
		IN_LAB(many_take_turns),
		IN_LAB(those_that_hang_give_way),
		IN_LAB(files_that_are_refused),
		IN_LAB(a_change_is_refused_at_once),
	};

	return cmocka_run_group_tests(tests, directory_up, directory_down);
}
