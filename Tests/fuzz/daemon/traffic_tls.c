/* This file owns what a client says where TLS should be, and is not. */
#include "traffic.h"

static void add_noise(struct tls *tls, struct fuzz_random *random) {
    char noise[600];
    size_t length = 1 + fuzz_below(random, sizeof noise);
    for (size_t i = 0; i < length; i++) noise[i] = (char)fuzz_next(random);
    /* Half of it announces a record. */
    static const char kinds[] = {0x14, 0x15, 0x16, 0x17, 0x18};
    if (length > 5 && fuzz_chance(random, 50)) {
        noise[0] = FUZZ_PICK(random, kinds);
        noise[1] = 3;
        noise[2] = (char)fuzz_below(random, 5);
        noise[3] = (char)(fuzz_chance(random, 70) ? fuzz_below(random, 3) : fuzz_below(random, 256));
    }
    tls_add_raw(tls, noise, length);
}

static void add_plain(struct tls *tls, struct fuzz_random *random) {
    static const char *const texts[] = {
        "PING\r\n", "*1\r\n$4\r\nPING\r\n", "*2\r\n$3\r\nGET\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\r\n",
        "PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n", "PROXY TCP4 127.0.0.1", "PROXY nonsense\r\n", "PRO",
        "\x16", "\x16\x03", "\x16\x03\x01\x02", "\x15\x03\x03\x02\x02\x28", "\x80\x2e\x01\x03\x01",
    };
    const char *text = FUZZ_PICK(random, texts);
    tls_add_raw(tls, text, strlen(text));
}

/* What waits to be sent comes once more, or in part. */
static void repeat_records(struct tls *tls, struct fuzz_random *random) {
    size_t length = tls_unsent(tls);
    if (!length) return;
    struct bytes copy = {0};
    bytes_add(&copy, tls->wire.at + tls->sent, fuzz_chance(random, 70) ? length : 1 + fuzz_next(random) % length);
    tls_add_raw(tls, copy.at, copy.length);
    bytes_free(&copy);
}

static void spoil_records(struct tls *tls, struct fuzz_random *random) {
    for (uint32_t i = 1 + fuzz_below(random, 3); i > 0 && tls_unsent(tls); i--) {
        size_t near = fuzz_chance(random, 50) && tls_unsent(tls) > 12 ? 12 : tls_unsent(tls);
        tls->wire.at[tls->sent + fuzz_next(random) % near] = (char)fuzz_next(random);
    }
}

/* The goodbye comes first, and then what was sealed before it, or something else. */
static void add_goodbye_and_more(struct tls *tls, struct fuzz_random *random) {
    tls_seal_goodbye(tls);
    if (fuzz_chance(random, 50)) repeat_records(tls, random);
    else add_plain(tls, random);
}

static void add_request(struct client *client, struct fuzz_random *random) {
    static const char *const texts[] = {"PING\r\n", "GET g:1\r\n", "MULTI\r\nGET g:1\r\n", "MONITOR\r\n", "*1\r\n$4\r\n"};
    const char *text = FUZZ_PICK(random, texts);
    if (tls_can_seal(client->tls)) tls_seal(client->tls, text, strlen(text), random);
}

void traffic_broken_tls(struct client *client, struct fuzz_random *random) {
    struct tls *tls = client->tls;
    /* In place of a header of PROXY, too. */
    if (!tls->is_begun && tls->sent == 0 && fuzz_chance(random, 60)) tls->wire.length = 0;
    if (fuzz_chance(random, 50)) tls_begin(tls);
    for (uint32_t i = 1 + fuzz_below(random, 3); i > 0; i--) {
        if (fuzz_chance(random, 50)) add_request(client, random);
        switch (fuzz_below(random, 5)) {
        case 0: add_noise(tls, random); break;
        case 1: add_plain(tls, random); break;
        case 2: repeat_records(tls, random); break;
        case 3: spoil_records(tls, random); break;
        case 4: add_goodbye_and_more(tls, random); break;
        }
    }
    client->is_doomed = true;
}
