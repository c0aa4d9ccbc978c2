/*
 * Responsible for: little-endian fields of worker messages, written and read one by one.
 * Does not: know any message's layout (cordwain/scene.h). Server and workers.
 */
#include "base/wire.h"

#include <string.h>

static void put(struct cw_buf *buf, uint64_t value, size_t bytes) {
    uint8_t data[8];
    for (size_t i = 0; i < bytes; i++) {
        data[i] = (uint8_t)(value >> (8 * i));
    }
    cw_buf_add(buf, data, bytes);
}

void cw_wire_put_u8(struct cw_buf *buf, uint8_t value) {
    put(buf, value, 1);
}

void cw_wire_put_u16(struct cw_buf *buf, uint16_t value) {
    put(buf, value, 2);
}

void cw_wire_put_u32(struct cw_buf *buf, uint32_t value) {
    put(buf, value, 4);
}

void cw_wire_put_u64(struct cw_buf *buf, uint64_t value) {
    put(buf, value, 8);
}

void cw_wire_put_i32(struct cw_buf *buf, int32_t value) {
    put(buf, (uint32_t)value, 4);
}

void cw_wire_put_str(struct cw_buf *buf, const char *text) {
    size_t length = text ? strlen(text) : 0;
    cw_wire_put_u32(buf, (uint32_t)length);
    cw_buf_add(buf, text, length);
}

void cw_wire_reader_init(struct cw_wire_reader *reader, const void *data, size_t length) {
    reader->at = data;
    reader->end = reader->at + length;
    reader->failed = false;
}

static uint64_t get(struct cw_wire_reader *reader, size_t bytes) {
    if (reader->failed || (size_t)(reader->end - reader->at) < bytes) {
        reader->failed = true;
        return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        value |= (uint64_t)reader->at[i] << (8 * i);
    }
    reader->at += bytes;
    return value;
}

uint8_t cw_wire_get_u8(struct cw_wire_reader *reader) {
    return (uint8_t)get(reader, 1);
}

uint16_t cw_wire_get_u16(struct cw_wire_reader *reader) {
    return (uint16_t)get(reader, 2);
}

uint32_t cw_wire_get_u32(struct cw_wire_reader *reader) {
    return (uint32_t)get(reader, 4);
}

uint64_t cw_wire_get_u64(struct cw_wire_reader *reader) {
    return get(reader, 8);
}

int32_t cw_wire_get_i32(struct cw_wire_reader *reader) {
    return (int32_t)(uint32_t)get(reader, 4);
}

char *cw_wire_get_str(struct cw_wire_reader *reader, struct cw_arena *arena, size_t max) {
    size_t length = cw_wire_get_u32(reader);
    if (reader->failed || length > max || (size_t)(reader->end - reader->at) < length ||
        memchr(reader->at, '\0', length)) {
        reader->failed = true;
        return cw_arena_strdup(arena, "");
    }
    char *text = cw_arena_strndup(arena, (const char *)reader->at, length);
    reader->at += length;
    return text;
}

bool cw_wire_done(const struct cw_wire_reader *reader) {
    return !reader->failed && reader->at == reader->end;
}
