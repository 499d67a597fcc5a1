/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the command understands what is typed, and daemons that are not there or odd. */
#include "unit/cli_run.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <jansson.h>
#include <sys/un.h>

/* --- words -------------------------------------------------------------------------------------- */

static void words_may_be_shortened(void **state)
{
	WANTS("ba l", 0, "10.0.0.1");
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
		"service add dccp 192.0.2.10:80 --pool web",
		"service add tcp",
		"pool add",
		"pool add _",
		"pool add web --mode tunnel",
		"pool add web --scheduler rrr",
		"service set tcp 192.0.2.10:80",
		"service set udp 192.0.2.10:80 --sticky",
		"backend drain web 10.0.0.1 --deadline",
		"pool add web --table-size",
		"pool add web --table-size=many",
		"pool add web --table-size 99999999999999999999",
		"pool add web --check-verify perhaps",
		"pool set web",
		"pool list --weight 1",
		"--weight 1 pool list",
		"backend set web 10.0.0.1",
		"backend set web 10.0.0.1 --weight 1 --weight 2",
		"backend set web 10.0.0.1 --weight 010",
		"pool set web --check-body \xff",
		"export --json=1",
		"apply --file=",
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

static void failures_are_told_in_json_too(void **state)
{
	static const struct {
		const char *line;
		int code;
		const char *out;
	} rows[] = {
		{"--json pool show none", 1, "\"there is no pool 'none'\""},
		{"frobnicate --json", 2, "'frobnicate' is not a command"},
		{"backend set web 10.0.0.1 -j", 2, "nothing to set"},
		{"export --json", 2, "exported as YAML"},
		{"--json", 2, "a command is missing"},
		{"help frobnicate --json", 2, "is not a command"},
		{"--json apply -f /nonexistent", 1, "/nonexistent: cannot read"},
		{"--json --socket /nonexistent status", 3, "no daemon on socket"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_result result = wants(rows[i].line, rows[i].code, NULL);
		json_auto_t *json = json_loads(result.out, 0, NULL);
		const char *sentence = json_string_value(json_object_get(json, "error"));

		if (!sentence || json_object_size(json) != 1 || !strstr(result.out, rows[i].out))
			fail_msg("%s: %s", rows[i].line, result.out);
		assert_non_null(strstr(result.err, sentence));
	}
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
	WANTS("complete _", 0, "status\nservice\npool\nbackend\naccess\nstats\n");
	WANTS("complete b", 0, "backend\nbench\n");
	WANTS("complete backend d", 0, "del\ndrain\ndisable\n");
	WANTS("complete ba drain _", 0, "web\nempty.v6\n");
	WANTS("complete ba drain web _", 0, "10.0.0.1\n10.0.0.2\n");
	WANTS("complete service del _", 0, "tcp\nudp\n");
	WANTS("complete service del tcp 1", 0, "192.0.2.10:80\n");
	WANTS("complete service add tcp 192.0.2.1:1 --pool e", 0, "empty.v6\n");
	WANTS("complete pool add x --mode _", 0, "l2\nipip\n");
	WANTS("complete pool add x --mode=i", 0, "ipip\n");
	WANTS("complete pool add x --mode g", 0, "gre\ngue\ngue1\n");
	WANTS("complete pool set web --tu", 0, "--tunnel-port\n");
	WANTS("complete pool set web --scheduler w", 0, "wrr\nwlc\n");
	WANTS("complete pool set web --so", 0, "--source-prefix-ipv4\n--source-prefix-ipv6\n");
	WANTS("complete service set udp 192.0.2.1:1 --s", 0, "--sticky\n--socket\n");
	WANTS("complete backend drain web 10.0.0.1 --d", 0, "--deadline\n");
	WANTS("complete pool add x --check-v", 0, "--check-verify\n");
	WANTS("complete pool list --js", 0, "--json\n");
	WANTS("complete attach l", 0, "lo\n");
	WANTS("complete detach _", 0, "eth0\neth1\n");
	auto_result hidden = wants("complete com", 0, NULL),
		    none = wants("complete pool show web more _", 0, NULL);
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
	auto_result quiet = wants("complete ba drain _", 0, NULL);
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

static void odd_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
		       int length, void *context)
{
	struct bufferevent *bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);

	bufferevent_setcb(bev, odd_read, NULL, odd_event, NULL);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

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
	"{\"services\":{},\"pools\":7,\"backends\":\"x\",\"interfaces\":null,\"verdicts\":[1,null,{}]"
	",\"total\":[]}",
	"{\"services\":[1,{\"pool\":{},\"name\":\"x\"},null],\"pools\":[3,{\"name\":7,\"backends\":[{"
	"},[]],"
	"\"check\":\"x\",\"services\":[1]}],\"backends\":[null,{\"address\":{}}],\"interfaces\":[[]],"
	"\"pools-all-down\":[5],\"agree\":true,\"xdp-action\":\"XDP_TX\",\"left\":\"0g\",\"changes\":"
	"[1],\"check\":{\"type\":\"https\"}}",
};

static const char *const lines[] = {
	"status",
	"service list",
	"service show tcp 192.0.2.1:1",
	"pool list",
	"pool show x",
	"backend list",
	"backend show x 10.0.0.1",
	"stats --all",
	"diff /dev/null",
	"detach x",
	"explain tcp 192.0.2.1:1 192.0.2.2:2",
};

static void odd_answers_are_told(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(answers) * ARRAY_SIZE(lines); i++) {
		odd_answer = answers[i / ARRAY_SIZE(lines)];
		auto_result result = leat(lines[i % ARRAY_SIZE(lines)]);

		assert_true(result.code == CLI_REFUSED || result.code == CLI_UNREACHABLE);
		assert_int_equal(strncmp(result.err, "leat: ", 6), 0);
	}
}

/* Whatever is made of them, no crash: the sanitizers and signals would give another code. */
static void odd_fields_are_survived(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields) * ARRAY_SIZE(lines); i++) {
		const char *json = fields[i / ARRAY_SIZE(lines)];
		auto_free char *answer =
			string_format("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(json), json);

		odd_answer = answer;
		auto_result result = leat(lines[i % ARRAY_SIZE(lines)]);
		if (result.code != CLI_OK && result.code != CLI_REFUSED)
			fail_msg("%s with %s: %d\n%s", lines[i % ARRAY_SIZE(lines)], json, result.code,
				 result.err);
	}
}

static void odd_daemon_is_survived(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct evconnlistener *listener;

	after(NULL);
	strcpy(address.sun_path, socket_path);
	listener = evconnlistener_new_bind(base, odd_accept, NULL, LEV_OPT_CLOSE_ON_FREE, 8, (void *)&address,
					   sizeof(address));
	assert_non_null(listener);
	odd_answers_are_told();
	odd_fields_are_survived();
	evconnlistener_free(listener);
	unlink(socket_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words_may_be_shortened),     TEST(wrong_usage_is_refused_here),
		TEST(failures_are_told_in_json_too),
		TEST(help_is_at_every_level),     TEST(the_manual_has_every_command),
		TEST(completion_reads_the_table), TEST(no_daemon_is_told_with_the_way_out),
		TEST(odd_daemon_is_survived),
	};

	return cmocka_run_group_tests(tests, suite_before, suite_after);
}
