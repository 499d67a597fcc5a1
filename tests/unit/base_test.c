/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files replaced whole, sentences for people, text that grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/err.h"
#include "base/file.h"

static char directory[] = "/tmp/leat-base-test-XXXXXX";

/* The path lives until the next call. */
static const char *in_directory(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static int directory_make(void **state)
{
	return mkdtemp(directory) ? 0 : -1;
}

static int directory_remove(void **state)
{
	unlink(in_directory("file"));
	rmdir(in_directory("file.new"));
	return rmdir(directory);
}

static void check_file(const char *expected)
{
	auto_free char *text = NULL;
	size_t length;

	assert_int_equal(file_read(in_directory("file"), &text, &length, NULL), 0);
	assert_int_equal(length, strlen(expected));
	assert_string_equal(text, expected);
}

static void a_file_is_replaced_whole(void **state)
{
	struct stat st;
	struct err err = {};

	assert_int_equal(file_replace(in_directory("file"), "one\n", 4, 0600, &err), 0);
	check_file("one\n");
	assert_int_equal(stat(in_directory("file"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(file_replace(in_directory("file"), "two\n", 4, 0644, &err), 0);
	check_file("two\n");
	assert_int_equal(stat(in_directory("file"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(file_replace(in_directory("file"), "", 0, 0644, &err), 0);
	check_file("");
	assert_string_equal(err.text, "");
	assert_int_equal(stat(in_directory("file.new"), &st), -1);
}

static void on_failure_a_file_is_as_it_was(void **state)
{
	struct err err;

	assert_int_equal(file_replace(in_directory("file"), "old", 3, 0600, &err), 0);
	assert_int_equal(mkdir(in_directory("file.new"), 0700), 0); /* where the new text would be written */
	assert_int_equal(file_replace(in_directory("file"), "new", 3, 0600, &err), -EISDIR);
	assert_non_null(strstr(err.text, "/file: cannot write: Is a directory"));
	check_file("old");
	assert_int_equal(rmdir(in_directory("file.new")), 0);
	assert_int_equal(file_replace("/nonexistent/file", "x", 1, 0600, &err), -ENOENT);
	assert_string_equal(err.text, "/nonexistent/file: cannot write: No such file or directory");
}

static void what_cannot_be_read_is_named(void **state)
{
	char *text = (char *)"untouched";
	size_t length = 7;
	struct err err;

	assert_int_equal(file_read("/nonexistent", &text, &length, &err), -ENOENT);
	assert_string_equal(err.text, "/nonexistent: cannot read: No such file or directory");
	assert_int_equal(file_read("/", &text, &length, &err), -EISDIR);
	assert_int_equal(file_read("/dev/zero", &text, &length, &err), -EFBIG);
	assert_string_equal(text, "untouched");
	assert_int_equal(length, 7);
}

static void files_of_any_length_are_read(void **state)
{
	static const size_t lengths[] = { 1, 4095, 4096, 16383, 16384, 16385, 100000, 1000000 };
	auto_free char *written = memory_zeroed(1000000, 1);
	size_t i, length;

	for (i = 0; i < 1000000; i++)
		written[i] = i * 7 >> 3;
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		auto_free char *text = NULL;

		assert_int_equal(file_replace(in_directory("file"), written, lengths[i], 0600, NULL), 0);
		assert_int_equal(file_read(in_directory("file"), &text, &length, NULL), 0);
		assert_int_equal(length, lengths[i]);
		assert_memory_equal(text, written, length);
		assert_int_equal(text[length], 0);
	}
}

static void errors_are_sentences(void **state)
{
	struct err err;
	char text[3000];

	assert_int_equal(err_set(&err, -EINVAL, "port: found %d, allowed are 1 to 65535", 0), -EINVAL);
	assert_int_equal(err_prefix(&err, -EINVAL, "services[%d]", 3), -EINVAL);
	assert_string_equal(err.text, "services[3]: port: found 0, allowed are 1 to 65535");
	assert_int_equal(err_set(NULL, -EIO, "nobody listens"), -EIO);
	assert_int_equal(err_prefix(NULL, -EIO, "nobody listens"), -EIO);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	err_set(&err, -EIO, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	err_prefix(&err, -EIO, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static void text_grows(void **state)
{
	struct text text = {};
	size_t expected = 0;
	int i;

	text_add(&text, "%s", "");
	assert_string_equal(text.s, "");
	for (i = 0; i < 3000; i++) {
		text_add(&text, "%d,", i);
		expected += i < 10 ? 2 : i < 100 ? 3 : i < 1000 ? 4 : 5;
	}
	assert_int_equal(text.length, expected);
	assert_int_equal(strlen(text.s), expected);
	assert_memory_equal(text.s, "0,1,2,3,", 8);
	assert_string_equal(text.s + text.length - 10, "2998,2999,");
	free(text.s);
}

static void strings_are_copied_and_made(void **state)
{
	auto_free char *made = string_format("%s-%d", "a", 7), *copy = string_copy(made);
	char *taken;

	assert_string_equal(copy, "a-7");
	assert_ptr_not_equal(copy, made);
	assert_null(string_copy(NULL));
	taken = take_pointer(copy);
	assert_null(copy);
	assert_string_equal(taken, "a-7");
	free(taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_replaced_whole),	cmocka_unit_test(on_failure_a_file_is_as_it_was),
		cmocka_unit_test(what_cannot_be_read_is_named), cmocka_unit_test(files_of_any_length_are_read),
		cmocka_unit_test(errors_are_sentences),		cmocka_unit_test(text_grows),
		cmocka_unit_test(strings_are_copied_and_made),
	};

	return cmocka_run_group_tests(tests, directory_make, directory_remove);
}
