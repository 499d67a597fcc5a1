/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTPS and TLS checks against openssl's server, with a certificate made for the test: for the name leat.test, trusted
 * by nobody until the test, in a mount namespace of its own, puts it where the system's authorities are.
 */
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "unit/health_lab.h"

#define AUTHORITIES "/etc/ssl/certs/ca-certificates.crt"

static char directory[] = "/tmp/leat-tls-XXXXXX";
static pid_t server;
static uint16_t port;
static bool trusting;

static void run(const char *format)
{
	char command[512];

	snprintf(command, sizeof(command), format, directory);
	if (system(command))
		fail_msg("failed: %s", command);
}

/* Refuses other names than leat.test, where a client gives one. */
static void server_exec(int out)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, STDOUT_FILENO);
	if (!chdir(directory))
		execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "cert", "-key",
		       "key", "-cert2", "cert", "-key2", "key", "-servername", "leat.test",
		       "-servername_fatal", "-alpn", "h2,http/1.1", "-www", NULL);
	_exit(1);
}

static int tls_start(void **state)
{
	unsigned int got = 0;
	char line[256];
	FILE *file;
	int out[2];

	assert_non_null(mkdtemp(directory));
	run("cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
	    "/CN=leat.test "
	    "-addext subjectAltName=DNS:leat.test -keyout key -out cert 2> /dev/null");
	assert_int_equal(pipe(out), 0);
	server = fork();
	if (!server)
		server_exec(out[1]);
	close(out[1]);
	file = fdopen(out[0], "r");
	while (!got && fgets(line, sizeof(line), file))
		sscanf(line, "ACCEPT 127.0.0.1:%u", &got);
	port = got;
	assert_int_not_equal(port, 0);
	/* file stays open: the server dies of what it prints to a closed pipe */
	return 0;
}

static int tls_stop(void **state)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	run("rm -r %s");
	return 0;
}

static void check_by(enum doc_check_type type, const char *host, bool verify, enum health wanted)
{
	lab.pool.check.type = type;
	lab.pool.check.port = port;
	lab.pool.check.host = (char *)host;
	lab.pool.check.verify = verify;
	lab.pool.check.timeout_ms = 10000; /* however busy the machine is */
	lab_configure();
	await(lab.told != HEALTH_UNKNOWN);
	if (lab.told != wanted)
		fail_msg("%s, but wanted %s: %s", health_name(lab.told), health_name(wanted), lab.text);
}

static void tls_check(const char *host, bool verify, enum health wanted)
{
	check_by(DOC_CHECK_HTTPS, host, verify, wanted);
}

static void unverified_is_up(void **state)
{
	tls_check(NULL, false, HEALTH_UP);
	assert_non_null(strstr(lab.text, "HTTP 200"));
}

static void self_signed_is_down_if_verified(void **state)
{
	tls_check("leat.test", true, HEALTH_DOWN);
	assert_non_null(strstr(lab.text, "certificate"));
}

static void host_is_the_name_asked_for(void **state)
{
	tls_check("leat.test", false, HEALTH_UP);
}

static void another_name_is_refused_by_the_server(void **state)
{
	tls_check("other.test", false, HEALTH_DOWN);
}

static void trust_the_certificate(void)
{
	char cert[64];

	if (getuid() || access(AUTHORITIES, R_OK))
		skip();
	snprintf(cert, sizeof(cert), "%s/cert", directory);
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount(cert, AUTHORITIES, "none", MS_BIND, NULL), 0);
	trusting = true;
}

static int trust_end(void **state)
{
	if (trusting)
		umount(AUTHORITIES);
	trusting = false;
	return lab_down(state);
}

static void trusted_is_up_if_verified(void **state)
{
	trust_the_certificate();
	tls_check("leat.test", true, HEALTH_UP);
}

/* Without host the name is the address, which this certificate does not have. */
static void trusted_for_another_name_is_down(void **state)
{
	trust_the_certificate();
	tls_check(NULL, true, HEALTH_DOWN);
	assert_non_null(strstr(lab.text, "127.0.0.1"));
}

/* --- type tls ------------------------------------------------------------------------------------- */

static void is_told(const char *text)
{
	if (!strstr(lab.text, text))
		fail_msg("'%s' lacks '%s'", lab.text, text);
}

/* The certificate ends in two days, less what the test has taken: perhaps not a second. */
static void ends_in_two_days(void)
{
	is_told(strstr(lab.text, "hours") ? "certificate ends in 47 hours" : "certificate ends in 2 days");
}

static void handshake_is_up_and_tells_the_end(void **state)
{
	check_by(DOC_CHECK_TLS, NULL, false, HEALTH_UP);
	is_told("TLSv1.3 in ");
	ends_in_two_days();
}

static void certificate_that_ends_soon_is_down(void **state)
{
	lab.pool.check.expires_s = 86400;
	check_by(DOC_CHECK_TLS, "leat.test", false, HEALTH_UP);
	lab.pool.check.expires_s = 3 * 86400;
	lab.told = HEALTH_UNKNOWN;
	check_by(DOC_CHECK_TLS, "leat.test", false, HEALTH_DOWN);
	ends_in_two_days();
}

static void alpn_must_be_taken(void **state)
{
	lab.pool.check.alpn = "foo,h2";
	check_by(DOC_CHECK_TLS, NULL, false, HEALTH_UP);
	lab.pool.check.alpn = "foo";
	lab.told = HEALTH_UNKNOWN;
	check_by(DOC_CHECK_TLS, NULL, false, HEALTH_DOWN);
	is_told("no application protocol"); /* as openssl's server says it */
}

static void handshake_names(void **state)
{
	check_by(DOC_CHECK_TLS, "leat.test", false, HEALTH_UP);
	lab.told = HEALTH_UNKNOWN;
	check_by(DOC_CHECK_TLS, "other.test", false, HEALTH_DOWN);
	is_told("TLS: ");
}

static void handshake_verifies(void **state)
{
	check_by(DOC_CHECK_TLS, "leat.test", true, HEALTH_DOWN);
	is_told("certificate: self-signed certificate");
	trust_the_certificate();
	lab.told = HEALTH_UNKNOWN;
	check_by(DOC_CHECK_TLS, "leat.test", true, HEALTH_UP);
	lab.told = HEALTH_UNKNOWN;
	check_by(DOC_CHECK_TLS, NULL, true, HEALTH_DOWN);
	is_told("certificate: IP address mismatch");
}

static bool refused(void)
{
	const char *said = NULL;

	health_now(&said);
	return said && !strcmp(said, "connection refused");
}

static void handshake_without_tls(void **state)
{
	struct server plain = {.answer = OK};

	server_start(&plain, "127.0.0.1", 0);
	lab.pool.check.type = DOC_CHECK_TLS;
	lab.pool.check.port = plain.port;
	lab.pool.check.timeout_ms = 50;
	lab_configure();
	await(lab.told == HEALTH_DOWN);
	is_told("timeout after 50ms"); /* it waits for a request */
	server_stop(&plain);
	await(refused());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(unverified_is_up),
		IN_LAB(self_signed_is_down_if_verified),
		IN_LAB(host_is_the_name_asked_for),
		IN_LAB(another_name_is_refused_by_the_server),
		IN_LAB(handshake_is_up_and_tells_the_end),
		IN_LAB(certificate_that_ends_soon_is_down),
		IN_LAB(alpn_must_be_taken),
		IN_LAB(handshake_names),
		cmocka_unit_test_setup_teardown(handshake_verifies, lab_up, trust_end),
		IN_LAB(handshake_without_tls),
		cmocka_unit_test_setup_teardown(trusted_is_up_if_verified, lab_up, trust_end),
		cmocka_unit_test_setup_teardown(trusted_for_another_name_is_down, lab_up, trust_end),
	};

	return cmocka_run_group_tests(tests, tls_start, tls_stop);
}
