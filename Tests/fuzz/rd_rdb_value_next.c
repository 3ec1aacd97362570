/*
 * Fuzzes rd_rdb_value_begin and rd_rdb_value_next: whatever a payload announces, nothing beyond it is read, each item lies
 * in it or in what was unpacked, and an element that is written as a listpack reads back as itself.
 */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "resp/listpack.h"
#include "resp/rdb_value.h"

#define UNPACKED_MAX (1u << 16)

struct memory {
    struct rd_rdb_memory face; /* first, so that it is the same address */
    char *rooms[RD_RDB_ROOMS];
    uint64_t lengths[RD_RDB_ROOMS];
};

static char *room(struct rd_rdb_memory *face, enum rd_rdb_room which, uint64_t length) {
    struct memory *memory = (struct memory *)face;
    if (length > face->most) abort();
    free(memory->rooms[which]);
    memory->lengths[which] = length;
    return memory->rooms[which] = malloc(length ? length : 1);
}

static bool lies_in(const struct rd_slice text, const char *bytes, uint64_t length) {
    return bytes && text.bytes >= bytes && text.bytes + text.length <= bytes + length;
}

static void check(const struct memory *memory, const struct rd_element *element, const char *payload, size_t size) {
    if (element->is_integer) return;
    bool found = lies_in(element->text, payload, size);
    for (int i = 0; i < RD_RDB_ROOMS; i++) found = found || lies_in(element->text, memory->rooms[i], memory->lengths[i]);
    if (!found) abort();
    for (size_t i = 0; i < element->text.length; i++) { /* the sanitizer sees whether they are there */
        volatile char byte = element->text.bytes[i];
        (void)byte;
    }
}

/* A listpack of the one element reads back as that. */
static void check_round_trip(const struct rd_element *element) {
    size_t length = RD_LISTPACK_EMPTY + rd_listpack_room(element);
    char *run = malloc(length);
    char *end = rd_listpack_put(run + RD_LISTPACK_HEAD, element);
    if (end != run + length - 1) abort();
    rd_listpack_close(run, length, 1);
    struct rd_packed packed;
    struct rd_element back;
    if (!rd_listpack_open(&packed, (struct rd_slice){run, length})) abort();
    if (rd_packed_next(&packed, &back) != RD_PACKED_ELEMENT || back.is_integer != element->is_integer) abort();
    if (back.is_integer ? back.integer != element->integer
                        : back.text.length != element->text.length ||
                              memcmp(back.text.bytes, element->text.bytes, back.text.length) != 0) abort();
    if (rd_packed_next(&packed, &back) != RD_PACKED_END) abort();
    free(run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* Version and checksum are rd_rdb_is_sound's business, which a sender of bad payloads satisfies too. */
    char *payload = malloc(size ? size : 1);
    memcpy(payload, data, size);
    const unsigned char *at = (const unsigned char *)payload;
    struct rd_rdb_cursor cursor = {at, at + size};
    uint8_t form;
    struct memory memory = {.face = {.room = room, .most = UNPACKED_MAX}};
    struct rd_rdb_value value;
    struct rd_rdb_item item;
    uint64_t items = 0;
    if (rd_rdb_get_byte(&cursor, &form) &&
        rd_rdb_value_begin(&value, form, RD_RDB_VERSION_VALKEY, cursor, &memory.face) == RD_OK) {
        while (items < 4096 && rd_rdb_value_next(&value, &item) == RD_RDB_ITEM) {
            items++;
            check(&memory, &item.first, payload, size);
            check_round_trip(&item.first);
            if (value.shape == RD_RDB_IS_HASH) check(&memory, &item.second, payload, size);
            if (value.shape == RD_RDB_IS_ZSET && item.score != item.score) abort();
            if (item.time < 0 || (item.time > 0 && !value.may_have_times)) abort();
        }
    }
    for (int i = 0; i < RD_RDB_ROOMS; i++) free(memory.rooms[i]);
    free(payload);
    return 0;
}
