/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command against a fake daemon: each case runs a whole command line in a child, whose output and exit code are
 * looked at, while this process serves the API, or answers what no daemon should.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/un.h>
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
static int child(const char *line)
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

static struct result leat(const char *line)
{
	auto_free char *out = file_of("out"), *err = file_of("err");
	struct result result = {};
	size_t length;
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(child(line));
	while (waitpid(pid, &status, WNOHANG) == 0)
		event_base_loop(base, EVLOOP_ONCE); /* a request or SIGCHLD */
	assert_true(WIFEXITED(status));
	result.code = WEXITSTATUS(status);
	assert_int_equal(file_read(out, &result.out, &length, NULL), 0);
	assert_int_equal(file_read(err, &result.err, &length, NULL), 0);
	return result;
}

/* Runs the line; wants the code, and the text in the output (code 0) or else on standard error. */
static struct result wants(const char *line, int code, const char *text)
{
	struct result result = leat(line);

	if (result.code != code || (text && !strstr(code ? result.err : result.out, text)))
		fail_msg("leat %s: wanted %d '%s', got %d\n%s%s", line, code, text ? text : "", result.code, result.out,
			 result.err);
	return result;
}
#define WANTS(line, code, text) \
	do { \
		auto_result result_ = wants(line, code, text); \
	} while (0)

static int before(void **state)
{
	struct err err = {};

	calls = fake_calls(&fake);
	if (serve_start(base, socket_path, &calls, &serve, &err))
		fail_msg("%s", err.text);
	return 0;
}

static int after(void **state)
{
	serve_stop(serve);
	serve = NULL;
	return 0;
}

/* --- reading ------------------------------------------------------------------------------------ */

static void service_list_is_ipvsadms(void **state)
{
	auto_result result = wants("service list", 0, NULL);

	assert_string_equal(result.out,
			    "leat version " LEAT_VERSION " (services=3)\n"
			    "Prot LocalAddress:Port Scheduler Flags\n"
			    "  -> RemoteAddress:Port           Forward Weight Health    Slots% Packets\n"
			    "TCP  192.0.2.10:80 mh pool=web\n"
			    "  -> 10.0.0.1:80                  Tunnel  2      up        100.0% 7\n"
			    "  -> 10.0.0.2:80                  Tunnel  1      draining  0.0%   0\n"
			    "UDP  192.0.2.10:80 mh pool=web\n"
			    "  -> 10.0.0.1:80                  Tunnel  2      up        100.0% 7\n"
			    "  -> 10.0.0.2:80                  Tunnel  1      draining  0.0%   0\n"
			    "TCP  [2001:db8::1]:443 mh pool=empty.v6 all-down\n");
}

static void reads_print_tables(void **state)
{
	WANTS("status", 0, "version 9.8.7, up 1h 2m, configuration 5");
	WANTS("status", 0, "eth1, NOT ATTACHED: no such interface");
	WANTS("status", 0, "pool empty.v6: no backend is up");
	WANTS("service show tcp 192.0.2.10:80", 0, "9 packets, 900 B");
	WANTS("pool list", 0, "web       ipip  mh         65537    1 of 2  https  fail-open");
	WANTS("pool show web", 0,
	      "https, port 8443, every 2s (500ms while changing), timeout 1s, rise 2, fall 3, GET /health for 200-299,404, "
	      "certificate verified");
	WANTS("pool show empty.v6", 0, "ALL BACKENDS ARE DOWN NOW");
	WANTS("backend list", 0, "HTTP 200 in 1 ms");
	WANTS("backend list web", 0, "10.0.0.2");
	WANTS("backend show web 10.0.0.1", 0, "by eth0 to 02:00:00:00:00:01");
	WANTS("backend show web 10.0.0.2", 0, "UNKNOWN: no route");
	WANTS("export", 0, "seed: feed\n");
}

static void stats_hide_zeros(void **state)
{
	auto_result some = wants("stats", 0, NULL), all = wants("stats --all", 0, NULL);

	assert_non_null(strstr(some.out, "total"));
	assert_non_null(strstr(some.out, "29"));
	assert_null(strstr(some.out, "BAD_SOURCE"));
	assert_non_null(strstr(all.out, "BAD_SOURCE"));
	assert_null(strstr(some.out, "udp/192.0.2.10:80"));
	assert_non_null(strstr(all.out, "udp/192.0.2.10:80"));
}

static void reads_print_json(void **state)
{
	static const char *const lines[] = {
		"--json status", "service list --json", "service -j show tcp 192.0.2.10:80", "pool list --json",
		"pool show web --json", "backend list --json", "backend list web --json",
		"backend show web 10.0.0.1 --json", "stats --json", "explain tcp 198.51.100.7:4000 192.0.2.10:80 --json",
		"diff /dev/null --json",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		auto_result result = wants(lines[i], 0, NULL);
		json_t *json = json_loads(result.out, 0, NULL);

		assert_true(json_is_object(json));
		json_decref(json);
	}
}

static void explain_tells_and_warns(void **state)
{
	WANTS("explain tcp 198.51.100.7:4000 192.0.2.10:80", 0, "slot           1234 of 65537");
	WANTS("explain tcp 198.51.100.7:4000 192.0.2.10:80", 0, "IPv4 10.0.0.9 > 10.0.0.1 ttl 64 / IPv4 198.51.100.7");
	WANTS("explain tcp 198.51.100.7:4000 192.0.2.10:80", 0,
	      "  0000  02 00 00 00 00 01 02 00 00 00 00 09 08 00 45 00  ..............E.");
	fake.sent_to = "10.0.0.2";
	WANTS("explain tcp 198.51.100.7:4000 192.0.2.10:80", 1, "DISAGREE");
	fake.error = -EINVAL;
	WANTS("explain tcp 198.51.100.7:4000 192.0.2.10:80", 1, "as ordered");
	WANTS("explain icmp 198.51.100.7:4000 192.0.2.10:80", 2, "tcp or udp");
	WANTS("explain tcp 198.51.100.7 192.0.2.10:80", 2, "ADDRESS:PORT");
}

static void odd_texts_do_not_reach_the_terminal(void **state)
{
	static const char *const lines[] = { "backend list", "service list", "pool list", "status", "stats --all" };

	fake.is_odd = true;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		auto_result result = wants(lines[i], 0, NULL);

		assert_null(strchr(result.out, '\x1b'));
	}
}

/* --- changing ----------------------------------------------------------------------------------- */

static void edits_carry_the_configurations_keys(void **state)
{
	static const struct {
		const char *line, *pool, *name, *body;
		enum serve_verb verb;
	} rows[] = {
		{ "service add tcp 192.0.2.10:80 --pool web", "(null)", "tcp/192.0.2.10:80", "{\"pool\":\"web\"}",
		  SERVE_ADD },
		{ "service set udp [2001:db8::1]:53 --pool=b", "(null)", "udp/[2001:db8::1]:53", "{\"pool\":\"b\"}",
		  SERVE_SET },
		{ "service del tcp 192.0.2.10:80", "(null)", "tcp/192.0.2.10:80", "(null)", SERVE_DELETE },
		{ "pool add web", "web", "(null)", "{}", SERVE_ADD },
		{ "pool add web --mode l2 --scheduler mh --table-size 251 --on-all-down refuse --check none", "web", "(null)",
		  "{\"mode\":\"l2\",\"scheduler\":\"mh\",\"table-size\":251,\"on-all-down\":\"refuse\","
		  "\"check\":{\"type\":\"none\"}}",
		  SERVE_ADD },
		{ "pool set web --check https --check-port 8443 --check-interval 2s --check-fast-interval 500ms "
		  "--check-timeout 1s --check-rise 2 --check-fall 3 --check-path /x --check-host h --check-status 200 "
		  "--check-body ok --check-verify yes",
		  "web", "(null)",
		  "{\"check\":{\"type\":\"https\",\"port\":8443,\"interval\":\"2s\",\"fast-interval\":\"500ms\","
		  "\"timeout\":\"1s\",\"rise\":2,\"fall\":3,\"path\":\"/x\",\"host\":\"h\",\"status\":\"200\","
		  "\"body\":\"ok\",\"verify\":true}}",
		  SERVE_SET },
		{ "pool set web --check-verify no", "web", "(null)", "{\"check\":{\"verify\":false}}", SERVE_SET },
		{ "pool del a/b", "a/b", "(null)", "(null)", SERVE_DELETE },
		{ "backend add web 10.0.0.1", "web", "10.0.0.1", "{}", SERVE_ADD },
		{ "backend add web 2001:db8::2 --weight 10", "web", "2001:db8::2", "{\"weight\":10}", SERVE_ADD },
		{ "backend set web 10.0.0.1 --weight 0", "web", "10.0.0.1", "{\"weight\":0}", SERVE_SET },
		{ "backend drain web 10.0.0.1", "web", "10.0.0.1", "{\"state\":\"draining\"}", SERVE_SET },
		{ "backend enable web 10.0.0.1", "web", "10.0.0.1", "{\"state\":\"enabled\"}", SERVE_SET },
		{ "backend disable web 10.0.0.1", "web", "10.0.0.1", "{\"state\":\"disabled\"}", SERVE_SET },
		{ "backend del web 10.0.0.1", "web", "10.0.0.1", "(null)", SERVE_DELETE },
		{ "attach eth0", "(null)", "eth0", "{}", SERVE_ADD },
		{ "attach --mode generic -- eth0", "(null)", "eth0", "{\"mode\":\"generic\"}", SERVE_ADD },
		{ "detach eth0", "(null)", "eth0", "(null)", SERVE_DELETE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		WANTS(rows[i].line, 0, NULL);
		assert_int_equal(fake.edits, i + 1);
		assert_int_equal(fake.edit.verb, rows[i].verb);
		assert_string_equal(fake.pool, rows[i].pool);
		assert_string_equal(fake.name, rows[i].name);
		assert_string_equal(fake.body, rows[i].body);
	}
}

static void refusals_are_told(void **state)
{
	fake.error = -EEXIST;
	WANTS("pool add web", 1, "leat: as ordered\n");
	WANTS("detach", 1, "as ordered");
	WANTS("apply -f /dev/null", 1, "as ordered");
	WANTS("pool show none", 1, "no pool 'none'");
	fake.error = 0;
	WANTS("attach eth1", 1, "not attached: no such interface");
	WANTS("diff /nonexistent", 1, "/nonexistent: cannot read");
	WANTS("export -o /nonexistent/file", 1, "/nonexistent/file");
}

static void detach_says_what_happened(void **state)
{
	WANTS("detach", 0, "every interface");
	assert_int_equal(fake.detaches, 1);
	WANTS("detach eth0", 0, "eth0: detached");
	assert_int_equal(fake.detaches, 1);
}

static void configuration_goes_both_ways(void **state)
{
	auto_free char *file = file_of("export"), *line = string_format("export -o %s", file);
	auto_free char *apply = string_format("apply -f %s", file), *dry = string_format("apply -f %s --dry-run", file);
	auto_free char *diff = string_format("diff %s", file), *text = NULL;
	size_t length;

	WANTS(line, 0, NULL);
	assert_int_equal(file_read(file, &text, &length, NULL), 0);
	assert_string_equal(text, "seed: feed\npools: []\n");
	WANTS(apply, 0, "+ service tcp/192.0.2.10:80\n~ backend web/10.0.0.1: weight 1 -> 5\n- pool old\n"
			"pool web: moves 1234 of 65537 slots (1.9 %)\napplied\n");
	assert_string_equal(fake.applied, text);
	assert_false(fake.dry_run);
	WANTS(dry, 0, "dry run: nothing is changed");
	assert_true(fake.dry_run);
	WANTS(diff, 0, "(1.9 %)");
	assert_true(fake.dry_run);
	WANTS("diff /dev/null", 0, "no change");
	WANTS("export -o /dev/null", 0, NULL);
	unlink(file);
}

/* --- words -------------------------------------------------------------------------------------- */

static void words_may_be_shortened(void **state)
{
	WANTS("b l", 0, "10.0.0.1");
	WANTS("sta", 2, "'sta' is ambiguous: status, stats");
	WANTS("statu", 0, "version");
	WANTS("s", 2, "status, service, stats");
	WANTS("se l", 0, "TCP");
	WANTS("p s web", 2, "'s' is ambiguous: show, set");
	WANTS("p sh web", 0, "fail-open");
	WANTS("e tcp", 2, "ambiguous: explain, export");
	WANTS("frobnicate", 2, "there are status, service, pool");
	WANTS("pool frobnicate", 2, "not a command of pool; there are list, show");
	WANTS("comp", 2, "not a command");
}

static void wrong_usage_is_refused_here(void **state)
{
	static const char *const lines[] = {
		"",
		"service",
		"_",
		"service list too much",
		"service add tcp 192.0.2.10:80",
		"service add tcp 192.0.2.10 --pool web",
		"service add sctp 192.0.2.10:80 --pool web",
		"service add tcp",
		"pool add",
		"pool add _",
		"pool add web --mode tunnel",
		"pool add web --scheduler rr",
		"pool add web --table-size",
		"pool add web --table-size=many",
		"pool add web --table-size 99999999999999999999",
		"pool add web --check-verify perhaps",
		"pool set web",
		"pool list --weight 1",
		"--weight 1 pool list",
		"backend set web 10.0.0.1",
		"backend drain web 10.0.0.1:80",
		"stats --all=yes",
		"apply",
		"-z",
		"--",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		auto_result result = wants(lines[i], 2, NULL);

		assert_true(result.err[0]);
		assert_string_equal(result.out, "");
	}
	assert_int_equal(fake.edits, 0);
	assert_int_equal(fake.applies, 0);
}

static void help_is_at_every_level(void **state)
{
	WANTS("--help", 0, "leat backend drain POOL ADDRESS");
	WANTS("-h", 0, "Everywhere:");
	WANTS("pool --help", 0, "leat pool del POOL");
	WANTS("pool add --help", 0, "--check-fast-interval TIME");
	WANTS("--help pool add", 0, "--check-fast-interval TIME");
	WANTS("help pool add", 0, "--check-fast-interval TIME");
	WANTS("help", 0, "leat status");
	WANTS("--version", 0, "leat " LEAT_VERSION "\n");
	for (const struct command *row = commands; row->words; row++) {
		auto_free char *line = string_format("help %s", row->words);

		WANTS(line, 0, row->help);
	}
}

static void the_manual_has_every_command(void **state)
{
	auto_free char *manual = NULL;
	size_t length;

	assert_int_equal(file_read("docs/leat.8", &manual, &length, NULL), 0);
	for (const struct command *row = commands; row->words; row++) {
		const struct option_spec *option = row->options;
		auto_free char *name = string_format(".It Cm %s", row->words);

		if (!row->is_hidden && !strstr(manual, name))
			fail_msg("docs/leat.8 lacks %s", name);
		for (; option && option->name; option++) {
			auto_free char *flag = string_format("Fl -%s", option->name);

			if (!strstr(manual, flag))
				fail_msg("docs/leat.8 lacks %s of %s", flag, row->words);
		}
	}
}

static void completion_reads_the_table(void **state)
{
	WANTS("complete _", 0, "status\nservice\npool\nbackend\nstats\n");
	WANTS("complete b", 0, "backend\n");
	WANTS("complete backend d", 0, "del\ndrain\ndisable\n");
	WANTS("complete b drain _", 0, "web\nempty.v6\n");
	WANTS("complete b drain web _", 0, "10.0.0.1\n10.0.0.2\n");
	WANTS("complete service del _", 0, "tcp\nudp\n");
	WANTS("complete service del tcp 1", 0, "192.0.2.10:80\n");
	WANTS("complete service add tcp 192.0.2.1:1 --pool e", 0, "empty.v6\n");
	WANTS("complete pool add x --mode _", 0, "l2\nipip\n");
	WANTS("complete pool add x --mode=i", 0, "ipip\n");
	WANTS("complete pool add x --check-v", 0, "--check-verify\n");
	WANTS("complete pool list --js", 0, "--json\n");
	WANTS("complete attach l", 0, "lo\n");
	WANTS("complete detach _", 0, "eth0\neth1\n");
	auto_result hidden = wants("complete com", 0, NULL), none = wants("complete pool show web more _", 0, NULL);
	assert_string_equal(hidden.out, "");
	assert_string_equal(none.out, "");
}

/* --- no daemon, or an odd one ------------------------------------------------------------------- */

static void no_daemon_is_told_with_the_way_out(void **state)
{
	auto_free char *socket_line = string_format("leat: no daemon on socket %s", socket_path);

	after(NULL);
	WANTS("status", 3, socket_line);
	WANTS("status", 3, "systemctl start leatd");
	WANTS("detach", 3, "leatd --detach");
	WANTS("pool add web", 3, NULL);
	WANTS("status --socket /nonexistent/socket", 3, "/nonexistent/socket");
	auto_result quiet = wants("complete b drain _", 0, NULL);
	assert_string_equal(quiet.out, "");
	assert_string_equal(quiet.err, "");
}

static const char *odd_answer;

static void odd_event(struct bufferevent *bev, short what, void *context)
{
	bufferevent_free(bev);
}

static void odd_written(struct bufferevent *bev, void *context)
{
	bufferevent_free(bev);
}

/* Answers whatever came, and hangs up once that is sent: some answers have no end of their own. */
static void odd_read(struct bufferevent *bev, void *context)
{
	struct evbuffer *input = bufferevent_get_input(bev);

	evbuffer_drain(input, evbuffer_get_length(input));
	bufferevent_setcb(bev, NULL, odd_written, odd_event, NULL);
	bufferevent_write(bev, odd_answer, strlen(odd_answer));
}

static void odd_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int length,
		       void *context)
{
	struct bufferevent *bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);

	bufferevent_setcb(bev, odd_read, NULL, odd_event, NULL);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static void odd_daemon_is_survived(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnot JSON!",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
		"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}",
		"HTTP/1.1 500 No\r\nContent-Length: 13\r\n\r\n<html></html>",
		"HTTP/1.1 400 No\r\nContent-Length: 14\r\n\r\n{\"error\":[{}]}",
		"HTTP/1.1 302 Off\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n",
		"SSH-2.0-OpenSSH_9.2\r\n",
		"\r\n",
	};
	static const char *const fields[] = {
		"{}",
		"{\"services\":{},\"pools\":7,\"backends\":\"x\",\"interfaces\":null,\"verdicts\":[1,null,{}],\"total\":[]}",
		"{\"services\":[1,{\"pool\":{},\"name\":\"x\"},null],\"pools\":[3,{\"name\":7,\"backends\":[{},[]],"
		"\"check\":\"x\",\"services\":[1]}],\"backends\":[null,{\"address\":{}}],\"interfaces\":[[]],"
		"\"pools-all-down\":[5],\"agree\":true,\"xdp-action\":\"XDP_TX\",\"left\":\"0g\",\"changes\":[1],\"check\":{\"type\":\"https\"}}",
	};
	static const char *const lines[] = {
		"status", "service list", "service show tcp 192.0.2.1:1", "pool list", "pool show x", "backend list",
		"backend show x 10.0.0.1", "stats --all", "diff /dev/null", "detach x",
		"explain tcp 192.0.2.1:1 192.0.2.2:2",
	};
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct evconnlistener *listener;

	after(NULL);
	strcpy(address.sun_path, socket_path);
	listener = evconnlistener_new_bind(base, odd_accept, NULL, LEV_OPT_CLOSE_ON_FREE, 8, (void *)&address,
					   sizeof(address));
	for (size_t i = 0; i < ARRAY_SIZE(answers) * ARRAY_SIZE(lines); i++) {
		odd_answer = answers[i / ARRAY_SIZE(lines)];
		auto_result result = leat(lines[i % ARRAY_SIZE(lines)]);

		assert_true(result.code == 1 || result.code == 3);
		assert_int_equal(strncmp(result.err, "leat: ", 6), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(fields) * ARRAY_SIZE(lines); i++) {
		const char *json = fields[i / ARRAY_SIZE(lines)];
		auto_free char *answer =
			string_format("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(json), json);

		odd_answer = answer;
		auto_result result = leat(lines[i % ARRAY_SIZE(lines)]);
		if (result.code != 0 && result.code != 1)
			fail_msg("%s with %s: %d\n%s", lines[i % ARRAY_SIZE(lines)], json, result.code, result.err);
	}
	evconnlistener_free(listener);
	unlink(socket_path);
}

static void on_child(evutil_socket_t fd, short what, void *context)
{
}

static int suite_before(void **state)
{
	base = event_base_new();
	child_ended = evsignal_new(base, SIGCHLD, on_child, NULL);
	event_add(child_ended, NULL);
	socket_path = mkdtemp(directory) ? string_format("%s/socket", directory) : NULL;
	return !socket_path;
}

static int suite_after(void **state)
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(service_list_is_ipvsadms),
		TEST(reads_print_tables),
		TEST(stats_hide_zeros),
		TEST(reads_print_json),
		TEST(explain_tells_and_warns),
		TEST(odd_texts_do_not_reach_the_terminal),
		TEST(edits_carry_the_configurations_keys),
		TEST(refusals_are_told),
		TEST(detach_says_what_happened),
		TEST(configuration_goes_both_ways),
		TEST(words_may_be_shortened),
		TEST(wrong_usage_is_refused_here),
		TEST(help_is_at_every_level),
		TEST(the_manual_has_every_command),
		TEST(completion_reads_the_table),
		TEST(no_daemon_is_told_with_the_way_out),
		TEST(odd_daemon_is_survived),
	};

	return cmocka_run_group_tests(tests, suite_before, suite_after);
}
