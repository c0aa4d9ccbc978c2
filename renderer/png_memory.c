/*
 * Responsible for handing libpng a file's bytes and taking its faults. Does not choose what is read
 * from the file (import_png.c, png_read.c). Importer and pack writer run it.
 */
#include "png_memory.h"

#include <string.h>

static void read_bytes(png_structp png, png_bytep data, size_t length) {
    struct cw_png_memory *memory = png_get_io_ptr(png);
    if ((size_t)(memory->end - memory->at) < length)
        png_error(png, "ends early");
    memcpy(data, memory->at, length);
    memory->at += length;
}

static void on_error(png_structp png, png_const_charp text) {
    struct cw_png_memory *memory = png_get_error_ptr(png);
    memory->status =
        cw_fail(memory->err, CW_E_INPUT, memory->code, "%s: %s", memory->subject, text);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text; /* a wrong ancillary chunk does not change pixels */
}

enum cw_status cw_png_memory_open(struct cw_png_memory *memory) {
    memory->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, memory, on_error, on_warning);
    if (memory->png)
        memory->info = png_create_info_struct(memory->png);
    if (!memory->info)
        return memory->status = cw_fail(memory->err, CW_E_NOMEM, "memory", "out of memory");
    png_set_read_fn(memory->png, memory, read_bytes);
    return CW_OK;
}

void cw_png_memory_close(struct cw_png_memory *memory) {
    png_destroy_read_struct(&memory->png, &memory->info, NULL);
}
