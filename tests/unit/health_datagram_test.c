/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks that send one packet and wait for one: UDP and DNS against servers on loopback, ICMP against the kernel. */
#include "unit/health_lab.h"

/* Answers each datagram with `answer`; NULL: with nothing. For DNS the first bytes are those of the question. */
struct echo {
	int fd;
	struct event *event;
	uint16_t port;
	const void *answer;
	size_t length, kept; /* bytes of the question that come first */
	uint8_t question[2048];
	size_t question_length;
	unsigned int foreign; /* answers to another question that come before */
};

static void echo_on_question(evutil_socket_t fd, short what, void *context)
{
	struct echo *echo = context;
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	uint8_t answer[4096];
	ssize_t n = recvfrom(fd, echo->question, sizeof(echo->question), 0, (struct sockaddr *)&from, &length);
	size_t kept;
	unsigned int i;

	assert_true(n > 0);
	echo->question_length = n;
	if (!echo->answer)
		return;
	kept = echo->kept < (size_t)n ? echo->kept : (size_t)n;
	memcpy(answer, echo->question, kept);
	memcpy(answer + kept, echo->answer, echo->length);
	for (i = 0; i < echo->foreign; i++) {
		answer[0] ^= 0x55;
		sendto(fd, answer, kept + echo->length, 0, (struct sockaddr *)&from, length);
		answer[0] ^= 0x55;
	}
	sendto(fd, answer, kept + echo->length, 0, (struct sockaddr *)&from, length);
}

static void echo_start(struct echo *echo, const char *addr, uint16_t port)
{
	struct sockaddr_in6 at6 = { .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback };
	struct sockaddr_in at4 = { .sin_family = AF_INET, .sin_port = htons(port) }, got;
	bool ipv6 = inet_pton(AF_INET, addr, &at4.sin_addr) != 1;
	socklen_t length = sizeof(got);

	echo->fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(echo->fd, ipv6 ? (struct sockaddr *)&at6 : (struct sockaddr *)&at4,
			      ipv6 ? sizeof(at6) : sizeof(at4)), 0);
	getsockname(echo->fd, (struct sockaddr *)&got, &length);
	echo->port = ntohs(got.sin_port);
	echo->event = event_new(lab.base, echo->fd, EV_READ | EV_PERSIST, echo_on_question, echo);
	event_add(echo->event, NULL);
	addr_parse(addr, &lab.members[0].addr);
	lab.pool.check.port = echo->port;
	lab.pool.check.path = NULL;
}

static void echo_stop(struct echo *echo)
{
	event_free(echo->event);
	close(echo->fd);
}

static void becomes(enum health wanted, const char *text)
{
	await(lab.told == wanted);
	if (!strstr(lab.text, text))
		fail_msg("'%s' lacks '%s'", lab.text, text);
}

/* --- udp ------------------------------------------------------------------------------------------ */

static void udp_up_down_and_up_again(void **state)
{
	struct echo echo = { .answer = "pong 1", .length = 6 };

	lab.pool.check.type = DOC_CHECK_UDP;
	lab.pool.check.send = "ping";
	lab.pool.check.expect = "pong";
	echo_start(&echo, "127.0.0.1", 0);
	lab_configure();
	becomes(HEALTH_UP, "answered in ");
	assert_int_equal(echo.question_length, 4);
	assert_memory_equal(echo.question, "ping", 4);
	echo.answer = "pon\001";
	echo.length = 4;
	becomes(HEALTH_DOWN, "answer 'pon?' does not begin with 'pong'");
	echo.answer = "pong";
	becomes(HEALTH_UP, "answered");
	echo_stop(&echo);
	becomes(HEALTH_DOWN, "connection refused");
	echo_start(&echo, "127.0.0.1", echo.port);
	becomes(HEALTH_UP, "answered");
	echo_stop(&echo);
}

static void udp_of_bytes_over_ipv6(void **state)
{
	struct echo echo = { .answer = "\0\xff", .length = 2 };

	lab.pool.check.type = DOC_CHECK_UDP;
	lab.pool.check.send = "0x00fE10";
	lab.pool.check.expect = "0x00ff";
	echo_start(&echo, "::1", 0);
	lab_configure();
	becomes(HEALTH_UP, "answered");
	assert_int_equal(echo.question_length, 3);
	assert_memory_equal(echo.question, "\x00\xfe\x10", 3);
	echo_stop(&echo);
}

static void udp_silence(void **state)
{
	struct echo echo = {};

	lab.pool.check.type = DOC_CHECK_UDP;
	lab.pool.check.send = "ping";
	lab.pool.check.timeout_ms = 20;
	echo_start(&echo, "127.0.0.1", 0);
	lab_configure();
	becomes(HEALTH_UP, "not refused in 20ms");
	lab.pool.check.expect = "pong";
	lab_configure();
	becomes(HEALTH_DOWN, "timeout after 20ms");
	lab.pool.check.expect = NULL;
	lab_configure();
	becomes(HEALTH_UP, "not refused");
	echo_stop(&echo);
	becomes(HEALTH_DOWN, "connection refused");
}

/* --- dns ------------------------------------------------------------------------------------------ */

/* What follows the id: flags, counts, the question for a.test, then answers. */
#define QUESTION "\1a\4test\0\0\1\0\1"
#define ANSWER_A(last) "\xc0\x0c\0\1\0\1\0\0\0\1\0\4\xc0\0\2" last
#define DNS(bytes) .answer = bytes, .length = sizeof(bytes) - 1, .kept = 2

static void dns_set(const char *answer)
{
	lab.pool.check.type = DOC_CHECK_DNS;
	lab.pool.check.name = "a.test";
	lab.pool.check.record = 1;
	lab.pool.check.answer = (char *)answer;
}

static void dns_asks_and_takes_the_code(void **state)
{
	struct echo echo = { DNS("\x81\x80\0\1\0\0\0\0\0\0" QUESTION), .foreign = 3 };
	static const char question[] = "\1\0\0\1\0\0\0\0\0\0" QUESTION;

	dns_set(NULL);
	echo_start(&echo, "127.0.0.1", 0);
	lab_configure();
	becomes(HEALTH_UP, "NOERROR in ");
	assert_int_equal(echo.question_length, sizeof(question) - 1 + 2);
	assert_memory_equal(echo.question + 2, question, sizeof(question) - 1);
	echo.answer = "\x81\x83\0\1\0\0\0\0\0\0" QUESTION;
	becomes(HEALTH_DOWN, "NXDOMAIN, NOERROR is right");
	lab.pool.check.rcode = 3;
	lab_configure();
	becomes(HEALTH_UP, "NXDOMAIN in ");
	echo.answer = "\x81\x82\0\0\0\0\0\0\0\0";
	echo.length = 10;
	becomes(HEALTH_DOWN, "SERVFAIL, NXDOMAIN is right");
	echo_stop(&echo);
}

static void dns_answers(void **state)
{
	struct echo echo = { DNS("\x81\x80\0\1\0\2\0\0\0\0" QUESTION ANSWER_A("\7") ANSWER_A("\1")) };

	dns_set("192.0.2.1");
	echo_start(&echo, "::1", 0);
	lab_configure();
	becomes(HEALTH_UP, "NOERROR, 192.0.2.1 in ");
	lab.pool.check.answer = "192.0.2.2";
	lab_configure();
	becomes(HEALTH_DOWN, "192.0.2.7 and others, 192.0.2.2 is right");
	lab.pool.check.answer = "192.0.2.7";
	lab_configure();
	becomes(HEALTH_UP, "192.0.2.7");
	echo.length -= 1;
	lab.pool.check.answer = "192.0.2.1";
	lab_configure();
	becomes(HEALTH_DOWN, "breaks off");
	echo_stop(&echo);
}

static void dns_of_another_question_is_no_answer(void **state)
{
	struct echo echo = { DNS("\x81\x80\0\1\0\0\0\0\0\0\1b\4test\0\0\1\0\1") };

	dns_set(NULL);
	lab.pool.check.timeout_ms = 20;
	echo_start(&echo, "127.0.0.1", 0);
	lab_configure();
	becomes(HEALTH_DOWN, "timeout after 20ms");
	echo_stop(&echo);
}

/* --- icmp ----------------------------------------------------------------------------------------- */

static void icmp_of(const char *addr)
{
	if (getuid())
		skip();
	lab.pool.check.type = DOC_CHECK_ICMP;
	lab.pool.check.port = 0;
	addr_parse(addr, &lab.members[0].addr);
	lab_configure();
	becomes(HEALTH_UP, "echo in ");
}

static void icmp_over_ipv4(void **state)
{
	icmp_of("127.0.0.1");
}

static void icmp_over_ipv6(void **state)
{
	icmp_of("::1");
}

/* Many at once: each takes its own reply. */
static void icmp_of_many(void **state)
{
	char addr[ADDR_TEXT_MAX];
	size_t i;

	if (getuid())
		skip();
	for (i = 0; i < 300; i++) {
		snprintf(addr, sizeof(addr), "127.0.%zu.%zu", i / 200, i % 200 + 1);
		addr_parse(addr, &lab.members[i].addr);
		lab.members[i].state = DOC_STATE_ENABLED;
	}
	lab.pool.member_count = 300;
	lab.pool.check.type = DOC_CHECK_ICMP;
	lab.pool.check.port = 0;
	lab.pool.check.interval_ms = 500;
	lab_configure();
	await(lab.changes >= 300);
	assert_int_equal(lab.told, HEALTH_UP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(udp_up_down_and_up_again),
		IN_LAB(udp_of_bytes_over_ipv6),
		IN_LAB(udp_silence),
		IN_LAB(dns_asks_and_takes_the_code),
		IN_LAB(dns_answers),
		IN_LAB(dns_of_another_question_is_no_answer),
		IN_LAB(icmp_over_ipv4),
		IN_LAB(icmp_over_ipv6),
		IN_LAB(icmp_of_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
