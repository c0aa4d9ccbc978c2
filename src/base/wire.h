/* Little-endian field-by-field messages between the server and its workers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"

void cw_wire_put_u8(struct cw_buf *buf, uint8_t value);
void cw_wire_put_u16(struct cw_buf *buf, uint16_t value);
void cw_wire_put_u32(struct cw_buf *buf, uint32_t value);
void cw_wire_put_u64(struct cw_buf *buf, uint64_t value);
void cw_wire_put_i32(struct cw_buf *buf, int32_t value);
void cw_wire_put_str(struct cw_buf *buf, const char *text); /* u32 length, bytes; NULL is "" */

/* A reader never runs past the end: `failed` is set instead and zero values returned. */
struct cw_wire_reader {
    const uint8_t *at, *end;
    bool failed;
};
void cw_wire_reader_init(struct cw_wire_reader *reader, const void *data, size_t length);
uint8_t cw_wire_get_u8(struct cw_wire_reader *reader);
uint16_t cw_wire_get_u16(struct cw_wire_reader *reader);
uint32_t cw_wire_get_u32(struct cw_wire_reader *reader);
uint64_t cw_wire_get_u64(struct cw_wire_reader *reader);
int32_t cw_wire_get_i32(struct cw_wire_reader *reader);
/* NUL-terminated copy in the arena; a string with NUL inside or longer than max fails. Never NULL.
 */
char *cw_wire_get_str(struct cw_wire_reader *reader, struct cw_arena *arena, size_t max);
/* All read and nothing failed. */
bool cw_wire_done(const struct cw_wire_reader *reader);
