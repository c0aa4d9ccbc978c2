/* Signatures: the published example verifies, a changed byte does not, keys survive a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "manufacturing/sign.h"

/* RFC 8032 §7.1, test 1: the key that signed the example. */
#define EXAMPLE_KEYS                                                                               \
    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"test-rfc8032-1\","                  \
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}"

static json_t *read_json(struct cw_arena *arena, const char *text) {
    json_t *value;
    assert_int_equal(cw_json_read(arena, text, strlen(text), 1 << 20, &value, NULL), CW_OK);
    return value;
}

static json_t *example(struct cw_arena *arena) {
    char *text;
    size_t length;
    assert_int_equal(
        cw_file_read(arena, GOLDEN "/spec-example/build-spec.json", 1 << 20, &text, &length, NULL),
        CW_OK);
    return read_json(arena, text);
}

static const char *verify(json_t *spec, json_t *keys) {
    struct cw_error err = {0};
    struct cw_spec_verdict verdict;
    return cw_spec_verify(spec, keys, &verdict, &err) == CW_OK ? "" : err.code;
}

static void the_example_verifies(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    assert_string_equal(verify(example(arena), read_json(arena, EXAMPLE_KEYS)), "");
}

static void every_change_is_seen(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    json_t *keys = read_json(arena, EXAMPLE_KEYS), *spec = example(arena);
    json_object_set_new(spec, "revision", json_integer(3));
    assert_string_equal(verify(spec, keys), "spec.digest");

    spec = example(arena); /* a forger who mends the digest lacks the key */
    json_object_set_new(json_object_get(spec, "order"), "line", json_integer(2));
    json_t *content = json_copy(spec);
    json_object_del(content, "integrity");
    char digest[CW_DIGEST_TEXT], *canonical = cw_json_canonical_dup(arena, content);
    cw_digest_text(canonical, strlen(canonical), digest);
    json_object_set_new(json_object_get(spec, "integrity"), "contentDigest", json_string(digest));
    json_decref(content);
    assert_string_equal(verify(spec, keys), "spec.signature");

    spec = example(arena);
    json_array_clear(json_object_get(json_object_get(spec, "integrity"), "signatures"));
    assert_string_equal(verify(spec, keys), "spec.syntax");
    assert_string_equal(verify(example(arena), read_json(arena, "{\"keys\":[]}")),
                        "spec.key_unknown");
}

/* "none" and a header without crit are refused before any key is looked at. */
static void weak_headers_are_refused(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const char *const headers[] = {
        "{\"alg\":\"none\",\"b64\":false,\"crit\":[\"b64\"],\"kid\":\"test-rfc8032-1\"}",
        "{\"alg\":\"EdDSA\",\"kid\":\"test-rfc8032-1\"}",
        "{\"alg\":\"EdDSA\",\"b64\":false,\"crit\":[\"b64\",\"exp\"],\"kid\":\"test-rfc8032-1\"}",
        "{\"alg\":\"EdDSA\",\"b64\":false,\"crit\":[\"b64\"]}",
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        json_t *spec = example(arena);
        char encoded[400];
        cw_base64url(headers[i], strlen(headers[i]), encoded);
        json_t *signature =
            json_array_get(json_object_get(json_object_get(spec, "integrity"), "signatures"), 0);
        const char *value = json_string_value(json_object_get(signature, "value"));
        json_object_set_new(signature, "value", json_sprintf("%s%s", encoded, strstr(value, "..")));
        assert_string_equal(verify(spec, read_json(arena, EXAMPLE_KEYS)), "spec.header");
    }
}

static void keys_are_kept_private_and_stable(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char folder[] = "/tmp/cordwain-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/k.json", folder);
    struct cw_signing_key *first, *second;
    struct stat st;
    assert_int_equal(cw_signing_key_open(path, &first, NULL), CW_OK);
    assert_int_equal(cw_signing_key_open(path, &second, NULL), CW_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_string_equal(cw_signing_key_id(first), cw_signing_key_id(second));
    struct cw_bytes payload = {(const uint8_t *)"abc", 3};
    assert_string_equal(cw_jws_sign(arena, first, payload), cw_jws_sign(arena, second, payload));
    assert_null(strstr(cw_signing_jwks(arena, first), "\"d\""));
    cw_signing_key_free(first);
    cw_signing_key_free(second);
    assert_int_equal(cw_file_write_atomic(path, "{\"d\":\"AA\"}", 10, 0600, NULL), CW_OK);
    struct cw_error err = {0};
    assert_int_equal(cw_signing_key_open(path, &first, &err), CW_E_INPUT);
    assert_string_equal(err.code, "key.file");
    unlink(path);
    rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_verifies),
        cmocka_unit_test(every_change_is_seen),
        cmocka_unit_test(weak_headers_are_refused),
        cmocka_unit_test(keys_are_kept_private_and_stable),
    };
    return cmocka_run_group_tests_name("manufacturing/sign", tests, NULL, NULL);
}
