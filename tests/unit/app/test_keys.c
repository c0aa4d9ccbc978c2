/* Keys: their text, what of them is stored, scopes, revocation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "app/keys.h"
#include "base/digest.h"
#include "store_fixture.h"

static struct cw_fixture fixture;

static int setup(void **state) {
    (void)state;
    cw_fixture_init(&fixture);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    cw_fixture_deinit(&fixture);
    return 0;
}

static const char *refused(const char *name, const char *scopes) {
    struct cw_error err = {0};
    char key[CW_KEY_TEXT] = "untouched";
    assert_int_equal(cw_key_create(fixture.store, name, scopes, 0, key, &err), CW_E_INPUT);
    assert_string_equal(key, "untouched");
    return err.code;
}

static void a_key_is_stored_as_its_hash(void **state) {
    (void)state;
    struct cw_error err = {0};
    struct cw_key_row *rows;
    size_t count;
    char key[CW_KEY_TEXT], hex[65];
    uint8_t hash[32];
    assert_int_equal(
        cw_key_create(fixture.store, "Porto", "specs:pull:FAC-PT-03 orders:read", 77, key, &err),
        CW_OK);
    assert_int_equal(strlen(key), strlen("cw_live_") + 10 + 1 + 32);
    assert_memory_equal(key, "cw_live_", 8);
    assert_int_equal(strspn(key + 8, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 10);
    assert_int_equal(strspn(key + 19, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 32);
    assert_int_equal(cw_key_list(fixture.store, fixture.arena, &rows, &count, &err), CW_OK);
    assert_int_equal(count, 1);
    cw_sha256(key, strlen(key), hash);
    cw_hex(hash, sizeof hash, hex);
    assert_string_equal(rows[0].hash, hex);
    assert_memory_equal(rows[0].id, key + 8, 10);
    assert_int_equal(rows[0].expires_ms, 77);
    assert_null(strstr(rows[0].name, key + 19));
}

static void keys_differ(void **state) {
    (void)state;
    char keys[20][CW_KEY_TEXT];
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(cw_key_create(fixture.store, "k", "admin", 0, keys[i], NULL), CW_OK);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(keys[i] + 19, keys[k] + 19);
        }
    }
}

static void scopes_are_known_ones(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      " ",
                                      "admin  orders:read",
                                      "products:writ",
                                      "products:write2",
                                      "specs:pull",
                                      "specs:pull:",
                                      "specs:pull:fac",
                                      "specs:pull:A/../B",
                                      "specs:pull:ABCDEFGHIJABCDEFGHIJABCDEFGHIJABC",
                                      "specs:pull:A specs:pull:B",
                                      "ADMIN"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_string_equal(refused("name", bad[i]), "key.scope");
    }
    assert_string_equal(refused("", "admin"), "key.name");
}

static void a_revoked_key_stays_listed(void **state) {
    (void)state;
    struct cw_error err = {0};
    struct cw_key_row *rows;
    size_t count;
    char key[CW_KEY_TEXT], id[11] = "";
    assert_int_equal(cw_key_create(fixture.store, "k", "admin", 0, key, &err), CW_OK);
    memcpy(id, key + 8, 10);
    assert_int_equal(cw_key_revoke(fixture.store, "NOBODY", &err), CW_E_NOT_FOUND);
    err = (struct cw_error){0};
    assert_int_equal(cw_key_revoke(fixture.store, id, &err), CW_OK);
    assert_int_equal(cw_key_list(fixture.store, fixture.arena, &rows, &count, &err), CW_OK);
    assert_int_equal(count, 1);
    assert_true(rows[0].revoked_ms > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_is_stored_as_its_hash, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_differ, setup, teardown),
        cmocka_unit_test_setup_teardown(scopes_are_known_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(a_revoked_key_stays_listed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
