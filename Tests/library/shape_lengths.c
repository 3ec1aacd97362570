/*
 * This file owns the test of lengths beyond 4 GiB: an item of two texts may have twice as much. They lie in addresses that
 * nobody gave memory to, and only their heads are written and read, so that the test takes some pages. What divides a
 * leaf is the tree's own, so that the file that has it is part of this one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "require.h"
#include "shape/draw.h"
#include "shape/tree_edit.c" /* NOLINT(bugprone-suspicious-include) */

#define LONGEST UINT32_MAX /* the most that a text has */
#define PART_ROOM (5 + (uint64_t)LONGEST)
#define ROOM (3 * PART_ROOM)

static char *write_head(char *at) {
    struct rd_word word = rd_word_of((struct rd_slice){at, LONGEST});
    REQUIRE(rd_word_room(&word) == PART_ROOM);
    memcpy(at, word.head, word.head_length);
    return at + PART_ROOM;
}

/* A field and a value, both as long as may be; returns what is behind. */
static char *write_long_item(char *at) {
    return write_head(write_head(at));
}

static void item_has_its_length(const char *item) {
    REQUIRE(rd_part_room(item) == PART_ROOM);
    REQUIRE(rd_part_text(item, NULL).length == LONGEST);
    REQUIRE(rd_item_room(item, 2) == 2 * PART_ROOM);
}

static void reply_has_its_length(struct rd_slice items) {
    const uint64_t bulk = 1 + 10 + 2 + (uint64_t)LONGEST + 2;
    REQUIRE(rd_draw_size(items, RD_DRAW_OF(2, RD_DRAW_FIRST | RD_DRAW_SECOND)) == 2 * bulk + 2 * 7);
    REQUIRE(rd_draw_size(items, RD_DRAW_OF(2, RD_DRAW_SECOND)) == bulk + 7);
}

/* Once the lower half of a length was kept. */
static void leaf_is_divided_with_all_its_bytes(struct rd_blob *leaf) {
    struct rd_tree tree = {.parts = 2, .order = RD_BY_PLACE};
    struct rd_place_in at = {.offset = 1};
    struct division division;
    REQUIRE(begin_division(&tree, 2, &division) && divide(&tree, &at, leaf, &division));
    REQUIRE(division.count == 2 && division.first == 1);
    REQUIRE(division.items[0].length == 2 * PART_ROOM && division.items[1].offset == 2 * PART_ROOM);
    REQUIRE(division.left_bytes == 2 * PART_ROOM && division.right_bytes == 4);
}

int main(void) {
    char *items = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (items == MAP_FAILED) {
        fprintf(stderr, "shape_lengths: not run, the system gives no addresses without memory\n");
        return 0;
    }
    char *end = write_long_item(items);
    struct rd_word short_word = rd_word_of((struct rd_slice){"f", 1});
    end = rd_word_write(&short_word, rd_word_write(&short_word, end));
    struct rd_blob leaf = {.bytes = items, .length = (uint64_t)(end - items)};
    item_has_its_length(items);
    reply_has_its_length((struct rd_slice){items, leaf.length});
    leaf_is_divided_with_all_its_bytes(&leaf);
    munmap(items, ROOM);
    return 0;
}
