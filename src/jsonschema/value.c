/*
 * Responsible for: JSON values as JSON Schema compares them: numbers by their mathematical value.
 * Does not: know schemas.
 * Runs in: every process that validates.
 */
#include "jsonschema/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

/* long double holds every int64 and every double exactly on x86-64 and AArch64. */
static long double number(const json_t *value) {
    return json_is_integer(value) ? (long double)json_integer_value(value)
                                  : (long double)json_real_value(value);
}

int cw_schema_value_compare(const json_t *a, const json_t *b) {
    long double left = number(a), right = number(b);
    return (left > right) - (left < right);
}

unsigned cw_schema_value_types(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_NULL:
        return TYPE_NULL;
    case JSON_TRUE:
    case JSON_FALSE:
        return TYPE_BOOLEAN;
    case JSON_INTEGER:
        return TYPE_INTEGER | TYPE_NUMBER;
    case JSON_REAL: {
        double real = json_real_value(value);
        return real == floor(real) ? TYPE_INTEGER | TYPE_NUMBER : TYPE_NUMBER;
    }
    case JSON_STRING:
        return TYPE_STRING;
    case JSON_ARRAY:
        return TYPE_ARRAY;
    case JSON_OBJECT:
    default:
        return TYPE_OBJECT;
    }
}

static bool equal_arrays(const json_t *a, const json_t *b) {
    if (json_array_size(a) != json_array_size(b))
        return false;
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)a, i, item) {
        if (!cw_schema_value_equal(item, json_array_get(b, i)))
            return false;
    }
    return true;
}

static bool equal_objects(const json_t *a, const json_t *b) {
    if (json_object_size(a) != json_object_size(b))
        return false;
    const char *name;
    json_t *item;
    json_object_foreach((json_t *)a, name, item) {
        const json_t *other = json_object_get(b, name);
        if (!other || !cw_schema_value_equal(item, other))
            return false;
    }
    return true;
}

bool cw_schema_value_equal(const json_t *a, const json_t *b) {
    if (json_is_number(a) && json_is_number(b))
        return cw_schema_value_compare(a, b) == 0;
    if (json_typeof(a) != json_typeof(b))
        return false;
    if (json_is_array(a))
        return equal_arrays(a, b);
    if (json_is_object(a))
        return equal_objects(a, b);
    return json_equal(a, b);
}

bool cw_schema_value_among(const json_t *values, const json_t *instance) {
    size_t i;
    json_t *value;
    json_array_foreach((json_t *)values, i, value) {
        if (cw_schema_value_equal(value, instance))
            return true;
    }
    return false;
}

size_t cw_schema_value_characters(const char *text, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

/* FNV-1a: only to find equal neighbours in uniqueItems; every hit is compared in full. */
static uint64_t hash_bytes(uint64_t hash, const void *data, size_t length) {
    const unsigned char *at = data;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * 1099511628211ULL;
    return hash;
}

uint64_t cw_schema_value_hash(const json_t *value) {
    uint64_t hash = 14695981039346656037ULL + (uint64_t)json_typeof(value);
    if (json_is_number(value)) {
        double real = json_number_value(value) + 0.0; /* one zero */
        return hash_bytes(14695981039346656037ULL, &real, sizeof real);
    }
    if (json_is_string(value))
        return hash_bytes(hash, json_string_value(value), json_string_length(value));
    if (json_is_array(value)) {
        size_t i;
        json_t *item;
        json_array_foreach((json_t *)value, i, item) {
            uint64_t inner = cw_schema_value_hash(item);
            hash = hash_bytes(hash, &inner, sizeof inner);
        }
    } else if (json_is_object(value)) {
        const char *name;
        json_t *item;
        json_object_foreach((json_t *)value, name, item) { /* order must not count: add */
            hash += hash_bytes(cw_schema_value_hash(item), name, strlen(name));
        }
    }
    return hash;
}

/* ---- multipleOf in decimal ------------------------------------------------------------------- */

__extension__ typedef unsigned __int128 wide; /* 10^38 */

struct decimal { /* digits × 10^exponent; at most 19 digits */
    uint64_t digits;
    long exponent;
};

/* From the RFC 8785 text: the shortest decimal that reads back as the same double, so what the
 * author wrote. */
static struct decimal decimal_of(const json_t *value) {
    if (json_is_integer(value)) {
        json_int_t n = json_integer_value(value);
        return (struct decimal){n < 0 ? (uint64_t)0 - (uint64_t)n : (uint64_t)n, 0};
    }
    CW_AUTO_BUF struct cw_buf text = {0};
    cw_json_canonical(value, &text);
    struct decimal decimal = {0, 0};
    bool fraction = false;
    const char *at = text.data;
    for (; *at && *at != 'e'; at++) {
        if (*at == '.')
            fraction = true;
        if (*at < '0' || *at > '9')
            continue;
        if (decimal.digits < UINT64_C(1000000000000000000)) {
            decimal.digits = decimal.digits * 10 + (uint64_t)(*at - '0');
            decimal.exponent -= fraction;
        } else {
            decimal.exponent += !fraction; /* only zeros follow 17 significant digits */
        }
    }
    if (*at == 'e')
        decimal.exponent += strtol(at + 1, NULL, 10);
    while (decimal.digits && decimal.digits % 10 == 0) {
        decimal.digits /= 10;
        decimal.exponent++;
    }
    return decimal;
}

static uint64_t power_of_ten_mod(unsigned long exponent, uint64_t modulus) {
    wide result = 1 % modulus, base = 10 % modulus;
    for (; exponent; exponent >>= 1) {
        if (exponent & 1)
            result = result * base % modulus;
        base = base * base % modulus;
    }
    return (uint64_t)result;
}

bool cw_schema_value_multiple_of(const json_t *value, const json_t *step) {
    struct decimal v = decimal_of(value), s = decimal_of(step);
    if (v.digits == 0)
        return true;
    if (v.exponent >= s.exponent) {
        unsigned long up = (unsigned long)(v.exponent - s.exponent);
        wide left = (wide)(v.digits % s.digits) * power_of_ten_mod(up, s.digits);
        return left % s.digits == 0;
    }
    wide scaled = s.digits;
    for (long up = s.exponent - v.exponent; up > 0; up--) {
        if (scaled > v.digits)
            return false; /* smaller than the step and not zero */
        scaled *= 10;
    }
    return v.digits % scaled == 0;
}
