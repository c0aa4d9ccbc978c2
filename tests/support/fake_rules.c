/*
 * A rules worker that misbehaves, as its own name says (a symbolic link): silent, dies, rubbish,
 * endless, long, half, liar. It speaks the protocol by hand, so that it shares nothing with the
 * real one. Tests only.
 */
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define FD 3

static void frame(uint32_t kind, uint64_t length, const void *body, size_t count) {
    uint8_t head[20] = {0x43, 0x57, 0x52, 0x4a, 1};
    for (int i = 0; i < 4; i++)
        head[8 + i] = (uint8_t)(kind >> (8 * i));
    for (int i = 0; i < 8; i++)
        head[12 + i] = (uint8_t)(length >> (8 * i));
    (void)!write(FD, head, sizeof head);
    (void)!write(FD, body, count);
}

/* Until the caller has ended or killed us; what it says is thrown away. */
static void read_on(void) {
    char bytes[4096];
    while (read(FD, bytes, sizeof bytes) > 0)
        continue;
}

/* Wait for a frame to begin, and take what there is of it. */
static void take(void) {
    char bytes[65536];
    (void)!read(FD, bytes, sizeof bytes);
}

int main(int argc, char **argv) {
    (void)argc;
    const char *name = strrchr(argv[0], '/');
    name = name ? name + 1 : argv[0];
    uint8_t zeros[64] = {0};
    if (strcmp(name, "dies") == 0)
        return 1;
    if (strcmp(name, "rubbish") == 0) {
        take();
        (void)!write(FD, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 41);
    }
    if (strcmp(name, "endless") == 0)
        for (;;) /* until nobody reads */
            if (write(FD, zeros, sizeof zeros) < 0)
                return 1;
    if (strcmp(name, "long") == 0) {
        take();
        frame(101, UINT64_C(1) << 62, zeros, sizeof zeros);
    }
    if (strcmp(name, "half") == 0) {
        take();
        frame(102, 0, NULL, 0); /* ready */
        take();
        frame(103, 48, zeros, 7);
        return 0;
    }
    if (strcmp(name, "liar") == 0) { /* "yes: every variable has its first value" */
        take();
        frame(102, 0, NULL, 0);
        take();
        zeros[0] = zeros[1] = 1;
        frame(103, 2 + 2 * 4, zeros, 2 + 2 * 4);
    }
    read_on();
    return 0;
}
