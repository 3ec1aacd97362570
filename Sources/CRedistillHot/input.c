/* This file owns unfinished requests. */
#include "input.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_BULK_ROOM (256u << 10)
/* What is counted ahead of what has arrived; growing is cheap, a large blob has its addresses from the start. */
#define BULK_STEP_MOST (4u << 20)
/* The scanner's readers may look a word ahead when they compare command names. */
#define PADDING 16

struct rd_input *rd_input_new(void) {
    return calloc(1, sizeof(struct rd_input));
}

static void drop_blobs(struct rd_input *input) {
    for (uint32_t i = 0; i < input->blob_count; i++) {
        if (input->blobs[i]) rd_blob_release(input->blobs[i]);
    }
    free(input->blobs);
    input->blobs = NULL;
    input->blob_count = 0;
}

void rd_input_free(struct rd_input *input) {
    if (!input) return;
    drop_blobs(input);
    if (input->bulk) rd_blob_release(input->bulk);
    rd_args_free(&input->args);
    free(input->bytes);
    free(input);
}

enum rd_status rd_input_reserve(struct rd_input *input, size_t bytes) {
    if (input->capacity >= PADDING && input->capacity - PADDING - input->length >= bytes) return RD_OK;
    size_t capacity = input->length + bytes + PADDING;
    /* A small rest stays exact, since thousands of connections may keep one; a large one grows by half again. */
    if (capacity > 4096) capacity += capacity / 2;
    uintptr_t from = (uintptr_t)input->bytes;
    char *grown = realloc(input->bytes, capacity);
    if (!grown) return RD_ERR_NO_MEMORY;
    if (from) rd_args_rebase(&input->args, from, input->length, grown);
    input->bytes = grown;
    input->capacity = capacity;
    return RD_OK;
}

enum rd_status rd_input_append(struct rd_input *input, const char *bytes, size_t length) {
    if (rd_input_reserve(input, length) != RD_OK) return RD_ERR_NO_MEMORY;
    memcpy(input->bytes + input->length, bytes, length);
    input->length += length;
    return RD_OK;
}

enum rd_status rd_input_begin_bulk(struct rd_input *input, struct rd_blobs *blobs) {
    size_t body = input->start + input->scan.position;
    size_t arrived = input->length - body;
    uint64_t whole = input->scan.bulk_length + 2;
    uint64_t room = whole < FIRST_BULK_ROOM ? whole : FIRST_BULK_ROOM;
    if (room < arrived) room = arrived;
    struct rd_blob *blob = rd_blob_new(blobs, room, whole);
    if (!blob) return RD_ERR_NO_MEMORY;
    memcpy(blob->bytes, input->bytes + body, arrived);
    blob->length = arrived;
    input->length = body;
    input->bulk = blob;
    return RD_OK;
}

enum rd_status rd_input_bulk_room(struct rd_input *input, char **room, size_t *size) {
    struct rd_blob *blob = input->bulk;
    uint64_t whole = input->scan.bulk_length + 2;
    if (blob->length == blob->capacity) {
        uint64_t step = blob->capacity < BULK_STEP_MOST ? blob->capacity : BULK_STEP_MOST;
        uint64_t capacity = step < whole - blob->capacity ? blob->capacity + step : whole;
        if (rd_blob_grow(&input->bulk, capacity) != RD_OK) return RD_ERR_NO_MEMORY;
        blob = input->bulk;
    }
    uint64_t end = blob->capacity < whole ? blob->capacity : whole;
    *room = blob->bytes + blob->length;
    *size = end - blob->length;
    return RD_OK;
}

void rd_input_refuse_bulk(struct rd_input *input) {
    size_t body = input->start + input->scan.position;
    const char *bytes = input->bulk ? input->bulk->bytes : input->bytes + body;
    uint64_t arrived = input->bulk ? input->bulk->length : input->length - body;
    /* Of the CRLF behind it one byte may have come: the scanner, for which an empty argument stands here, looks at it. */
    uint64_t skipped = arrived < input->scan.bulk_length ? arrived : input->scan.bulk_length;
    memmove(input->bytes + body, bytes + skipped, arrived - skipped);
    input->length = body + (arrived - skipped);
    if (input->bulk) rd_blob_release(input->bulk);
    input->bulk = NULL;
    input->discard = input->scan.bulk_length - skipped;
    input->refused = true;
    input->scan.bulk_length = 0;
}

enum rd_status rd_input_end_bulk(struct rd_input *input) {
    struct rd_blob *blob = input->bulk;
    if (memcmp(blob->bytes + input->scan.bulk_length, "\r\n", 2) != 0) return RD_ERR_INVALID;
    struct rd_blob **blobs = realloc(input->blobs, (input->blob_count + 1) * sizeof *blobs);
    if (!blobs) return RD_ERR_NO_MEMORY;
    input->blobs = blobs;
    blob->length = input->scan.bulk_length;
    rd_blob_trim(blob); /* of a page that only CRLF is on */
    if (rd_args_push(&input->args, blob->bytes, blob->length) != RD_OK) return RD_ERR_NO_MEMORY;
    blobs[input->blob_count++] = blob;
    input->bulk = NULL;
    input->scan.in_bulk = false;
    input->scan.arrived++;
    return RD_OK;
}

struct rd_blob *rd_input_take_blob(struct rd_input *input, const char *bytes) {
    for (uint32_t i = 0; i < input->blob_count; i++) {
        struct rd_blob *blob = input->blobs[i];
        if (blob && blob->bytes == bytes) {
            input->blobs[i] = NULL;
            return blob;
        }
    }
    return NULL;
}

void rd_input_give_blobs(struct rd_input *from, struct rd_input *to) {
    to->blobs = from->blobs;
    to->blob_count = from->blob_count;
    from->blobs = NULL;
    from->blob_count = 0;
}

void rd_input_next_request(struct rd_input *input) {
    input->start += input->scan.position;
    input->scan = (struct rd_scan_state){0};
    input->scanning = false;
    input->args.count = 0;
    input->refused = false;
    drop_blobs(input);
}

uint64_t rd_input_bytes(const struct rd_input *input) {
    /* Blobs are in the store's account already. */
    return sizeof *input + input->capacity + input->args.capacity * sizeof(struct rd_slice);
}
