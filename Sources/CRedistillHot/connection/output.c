/* This file owns the queue of unsent replies. */
#include "connection/output.h"

#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "shape/draw.h"

struct rd_output *rd_output_new(void) {
    struct rd_output *output = calloc(1, sizeof *output);
    if (output) output->memory = sizeof *output;
    return output;
}


static void free_piece(struct rd_output_piece *piece) {
    if (piece->blob) rd_blob_release(piece->blob);
    free(piece);
}

void rd_output_free(struct rd_output *output) {
    while (output->first) {
        struct rd_output_piece *next = output->first->next;
        free_piece(output->first);
        output->first = next;
    }
    free(output);
}

static void append(struct rd_output *output, struct rd_output_piece *piece) {
    if (output->last) output->last->next = piece;
    else output->first = piece;
    output->last = piece;
    output->pieces++;
    output->memory += rd_heap_size(piece);
    if (piece->blob) output->references += piece->length;
}

enum rd_status rd_output_append(struct rd_output *output, const char *bytes, size_t length) {
    if (length == 0) return RD_OK;
    struct rd_output_piece *piece = malloc(sizeof *piece + length);
    if (!piece) return RD_ERR_NO_MEMORY;
    *piece = (struct rd_output_piece){.length = length};
    memcpy(piece->bytes, bytes, length);
    append(output, piece);
    output->waiting += length;
    return RD_OK;
}

enum rd_status rd_output_append_blob(struct rd_output *output, const struct rd_reply_part *part) {
    struct rd_output_piece *piece = malloc(sizeof *piece);
    if (!piece) return RD_ERR_NO_MEMORY;
    *piece = (struct rd_output_piece){.blob = rd_blob_retain(part->blob), .offset = part->offset, .length = part->length,
                                      .drawing = part->drawing};
    append(output, piece);
    output->waiting += part->length;
    return RD_OK;
}

static const char *piece_bytes(const struct rd_output_piece *piece) {
    return piece->blob ? piece->blob->bytes + piece->offset : piece->bytes;
}

/* The first piece's items become the bytes of a piece in its place. False: the heap is out. */
static bool draw_first(struct rd_output *output) {
    struct rd_output_piece *piece = output->first;
    struct rd_slice items = {piece->blob->bytes + piece->offset, piece->length};
    size_t length = rd_draw_size(items, piece->drawing);
    struct rd_output_piece *drawn = malloc(sizeof *drawn + length);
    if (!drawn) return false;
    *drawn = (struct rd_output_piece){.next = piece->next, .length = length};
    rd_draw(items, piece->drawing, drawn->bytes);
    output->first = drawn;
    if (output->last == piece) output->last = drawn;
    output->memory += rd_heap_size(drawn) - rd_heap_size(piece);
    output->references -= piece->length;
    output->waiting += length - piece->length;
    free_piece(piece);
    return true;
}

int rd_output_vectors(struct rd_output *output, struct iovec *vectors, int most, size_t bytes) {
    int count = 0;
    size_t skip = output->sent;
    if (output->first && output->first->drawing && bytes && !draw_first(output)) return -1;
    for (const struct rd_output_piece *piece = output->first; piece && !piece->drawing && count < most && bytes; piece = piece->next) {
        size_t length = piece->length - skip < bytes ? piece->length - skip : bytes;
        vectors[count++] = (struct iovec){(char *)piece_bytes(piece) + skip, length};
        bytes -= length;
        skip = 0;
    }
    return count;
}

void rd_output_consume(struct rd_output *output, size_t bytes) {
    output->waiting -= bytes;
    output->sent += bytes;
    while (output->first && output->sent >= output->first->length) {
        struct rd_output_piece *next = output->first->next;
        output->sent -= output->first->length;
        output->memory -= rd_heap_size(output->first);
        if (output->first->blob) output->references -= output->first->length;
        free_piece(output->first);
        output->first = next;
        output->pieces--;
    }
    if (!output->first) {
        output->last = NULL;
        output->sent = 0;
    }
}
