/* This file owns an input as tests see it. */
#include "probe_input.h"

#include <stdlib.h>
#include <string.h>

#include "connection/input.h"
#include "probe_store.h"
#include "resp/reply.h"
#include "store/store.h"

struct probe_input {
    struct rd_blobs *blobs;
    struct rd_input *input; /* NULL: nothing is kept */
    struct rd_reply left;
    struct rd_args args;
    uint64_t refuse_from;
    bool late, turns, pauses, lacks_room;
    uint32_t received, refused;
};

struct probe_input *probe_input_new(struct probe_store *store) {
    struct probe_input *probe = calloc(1, sizeof *probe);
    if (!probe) abort();
    probe->blobs = &probe_store_inside(store)->blobs;
    return probe;
}

void probe_input_free(struct probe_input *probe) {
    rd_input_free(probe->input);
    rd_reply_free(&probe->left);
    rd_args_free(&probe->args);
    free(probe);
}

void probe_input_refuse_from(struct probe_input *probe, uint64_t length, bool late) {
    probe->refuse_from = length;
    probe->late = late;
}

void probe_input_take_turns(struct probe_input *probe) {
    probe->turns = true;
}

void probe_input_pause(struct probe_input *probe) {
    probe->pauses = true;
}

void probe_input_lack_room(struct probe_input *probe) {
    probe->lacks_room = true;
}

/* Every other blob is taken over, the last ones first. */
static bool take_blobs(struct probe_input *probe) {
    struct rd_received *received = &probe->input->received;
    for (uint32_t i = probe->args.count; i-- > 0;) {
        if (rd_received_place(received, i) != RD_IN_BLOB) continue;
        if (probe->received++ % 2) continue;
        struct rd_blob *blob = rd_received_take(received, i);
        bool is_it = blob && blob->bytes == probe->args.at[i].bytes && blob->length == probe->args.at[i].length;
        if (!is_it || rd_received_place(received, i) != RD_TAKEN || rd_received_take(received, i)) return false;
        rd_blob_release(blob);
    }
    return true;
}

static bool leave(struct probe_input *probe) {
    struct rd_input *input = probe->input;
    if (probe->pauses) {
        rd_input_wait(input);
        if (!rd_input_check(input) || !rd_input_is_held(input)) return false;
    }
    probe->args.count = 0;
    if (rd_input_list_arguments(input, &probe->args) != RD_OK) return false;
    rd_reply_array(&probe->left, probe->args.count);
    for (uint32_t i = 0; i < probe->args.count; i++) rd_reply_slice(&probe->left, probe->args.at[i]);
    probe->refused += input->received.refused;
    if (!take_blobs(probe)) return false;
    rd_input_next_request(input);
    return input->received.bytes == 0;
}

/* False when there is nothing left, or something is broken (which the caller finds by rd_input_check). */
static bool settle(struct probe_input *probe) {
    if (rd_input_settle(probe->input)) return rd_input_check(probe->input);
    rd_input_free(probe->input);
    probe->input = NULL;
    return false;
}

static bool await_more(struct probe_input *probe) {
    struct rd_input *input = probe->input;
    if (rd_scan_wants_blob(&input->scan)) {
        bool is_refused = probe->refuse_from && input->scan.bulk_length >= probe->refuse_from;
        if (is_refused && !probe->late) rd_input_refuse_bulk(input);
        else if (rd_input_begin_bulk(input, probe->blobs, (struct rd_slice){0}) != RD_OK) return false;
    }
    return settle(probe) || !probe->input;
}

static bool scan(struct probe_input *probe) {
    static const struct rd_scan_limits limits = {512u << 20, INT32_MAX, true};
    for (;;) {
        struct rd_input *input = probe->input;
        char *bytes = input->bytes + input->start;
        switch (rd_resp_scan(&input->scan, bytes, input->length - input->start, &limits, &input->args)) {
        case RD_SCAN_COMMAND:
            if (!leave(probe)) return false;
            if (!probe->turns) break;
            rd_input_hold(input);
            if (!settle(probe)) return !probe->input;
            rd_input_scan_here(input);
            break;
        case RD_SCAN_EMPTY: rd_input_next_request(input); break;
        case RD_SCAN_MORE: return await_more(probe);
        default: return false;
        }
    }
}

/* Takes some of the bytes, as many as the state takes at once. */
static bool step(struct probe_input *probe, const char *bytes, size_t length, size_t *taken) {
    struct rd_input *input = probe->input;
    char *room;
    *taken = length;
    switch (input->state) {
    case RD_INPUT_START:
        rd_input_scan_here(input);
        /* fallthrough */
    case RD_INPUT_SCAN: return rd_input_append(input, bytes, length) == RD_OK && scan(probe);
    case RD_INPUT_BULK:
        if (probe->lacks_room) rd_input_wait_for_room(input);
        if (!rd_input_check(input)) return false;
        if (probe->refuse_from && input->bulk.length >= probe->refuse_from && !rd_bulk_has_body(&input->bulk)) {
            rd_input_refuse_bulk(input);
            *taken = 0;
            return probe->late && rd_input_check(input);
        }
        rd_input_has_room(input);
        if (rd_bulk_room(&input->bulk, length, &room, taken) != RD_OK) return false;
        memcpy(room, bytes, *taken);
        rd_bulk_came(&input->bulk, *taken);
        return !rd_bulk_is_whole(&input->bulk) || (rd_input_end_bulk(input) == RD_OK && scan(probe));
    case RD_INPUT_SKIP:
        if (*taken > input->discard) *taken = input->discard;
        rd_input_skip(input, *taken);
        return rd_input_check(input);
    default: return false;
    }
}

bool probe_input_receive(struct probe_input *probe, const char *bytes, size_t length) {
    while (length) {
        size_t taken = length;
        if (!probe->input) {
            probe->input = rd_input_keep(bytes, length);
            if (!probe->input) return false;
            rd_input_scan_here(probe->input);
            if (!scan(probe)) return false;
        } else if (!step(probe, bytes, length, &taken)) {
            return false;
        }
        bytes += taken;
        length -= taken;
    }
    return true;
}

struct rd_slice probe_input_left(const struct probe_input *probe) {
    return (struct rd_slice){probe->left.bytes, probe->left.length};
}

uint32_t probe_input_blobs(const struct probe_input *probe) {
    return probe->received;
}

uint32_t probe_input_refused(const struct probe_input *probe) {
    return probe->refused;
}

bool probe_input_is_gone(const struct probe_input *probe) {
    return probe->input == NULL;
}
