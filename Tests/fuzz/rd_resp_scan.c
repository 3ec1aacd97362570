/*
 * Fuzzes rd_resp_scan: the whole input is one stream. It is scanned request by request, once whole and once arriving
 * in two pieces cut at a place that the input chooses; both must give the same requests.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resp/resp.h"

#define MOST_RESULTS 4096

static const struct rd_scan_limits limits = {.max_bulk = 1 << 20, .max_args = 1024, .authenticated = true};

struct transcript {
    size_t count;
    struct {
        enum rd_scan result;
        size_t consumed;
        uint32_t arguments;
        uint64_t digest; /* of the arguments' bytes */
    } at[MOST_RESULTS];
};

static void require(bool holds) {
    if (!holds) abort();
}

static void record(struct transcript *transcript, enum rd_scan result, const struct rd_scan_state *state,
                   const struct rd_args *args, const char *bytes, size_t length) {
    uint64_t digest = 1469598103934665603u;
    for (uint32_t i = 0; i < args->count; i++) {
        struct rd_slice argument = args->at[i];
        require(argument.bytes >= bytes && argument.bytes + argument.length <= bytes + length);
        for (size_t j = 0; j < argument.length; j++) digest = (digest ^ (unsigned char)argument.bytes[j]) * 1099511628211u;
        digest = (digest ^ argument.length) * 1099511628211u;
    }
    require(state->position <= length);
    if (transcript->count < MOST_RESULTS) {
        transcript->at[transcript->count].result = result;
        transcript->at[transcript->count].consumed = state->position;
        transcript->at[transcript->count].arguments = args->count;
        transcript->at[transcript->count++].digest = digest;
    }
}

/* Scans what has arrived from *at on. Returns false when the stream is over. */
static bool scan(struct transcript *transcript, struct rd_scan_state *state, struct rd_args *args, char *bytes,
                 size_t *at, size_t arrived) {
    while (*at < arrived) {
        enum rd_scan result = rd_resp_scan(state, bytes + *at, arrived - *at, &limits, args);
        if (result == RD_SCAN_MORE) return true;
        if (result == RD_SCAN_BAD) {
            require(strncmp(state->error, "Protocol error: ", 16) == 0);
            state->position = 0;
            args->count = 0;
            record(transcript, result, state, args, bytes + *at, arrived - *at);
            return false;
        }
        require(state->position > 0);
        record(transcript, result, state, args, bytes + *at, arrived - *at);
        *at += state->position;
        *state = (struct rd_scan_state){0};
        args->count = 0;
    }
    return true;
}

static void scan_pieces(struct transcript *transcript, const uint8_t *data, size_t size, size_t cut) {
    /* A copy of exactly the size: what is read behind it is seen, and inline arguments are decoded in place. */
    char *bytes = malloc(size ? size : 1);
    memcpy(bytes, data, size);
    struct rd_scan_state state = {0};
    struct rd_args args = {0};
    size_t at = 0;
    if (scan(transcript, &state, &args, bytes, &at, cut)) scan(transcript, &state, &args, bytes, &at, size);
    rd_args_free(&args);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct transcript whole, cut;
    whole.count = cut.count = 0;
    scan_pieces(&whole, data, size, size);
    scan_pieces(&cut, data, size, size ? (data[size - 1] * 31u + data[0]) % size : 0);
    require(whole.count == cut.count && memcmp(whole.at, cut.at, whole.count * sizeof whole.at[0]) == 0);
    return 0;
}
