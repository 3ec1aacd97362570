/*
 * This file owns the keys of the tests of stores that outlive a process: values of every size class, in several databases, with
 * times to live, and hashes and sorted sets in both forms. Which value a key has, its number and a version say.
 */
#ifndef KEPT_KEYS_H
#define KEPT_KEYS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "require.h"
#include "shape/shape.h"
#include "store/keep.h"

#define KEYS 3000u
#define DATABASES 3u
#define FAR 4000000000000
#define FINGERPRINT 77

static const struct rd_shape_limits limits = {.entries = 16, .value = 64, .bytes = UINT32_MAX, .integers = 16};
static _Thread_local struct rd_shape_scratch scratch;

static struct rd_store_options usual(void) {
    return (struct rd_store_options){.shards = 8, .shared = true, .databases = DATABASES, .shapes = &rd_shapes};
}

/* From nothing to beyond the largest slot of a blob, and some spans. */
static size_t length_of(uint32_t number, uint32_t version) {
    if (number % 200 == 7) return 40000 + number * 100 + version * 1000;
    return (size_t)(number * 13 + version * 31) % (number % 10 ? 2000 : 40000);
}

static void fill(char *bytes, size_t length, uint32_t number, uint32_t version) {
    for (size_t i = 0; i < length; i++) bytes[i] = (char)(number * 7 + version * 3 + i * (1 + i / 251));
}

/* The caller frees it. */
static char *value_of(uint32_t number, uint32_t version, size_t *length) {
    *length = length_of(number, version);
    char *bytes = malloc(*length + 1);
    REQUIRE(bytes);
    fill(bytes, *length, number, version);
    return bytes;
}

struct place {
    struct rd_shard *shard;
    uint64_t hash;
    struct rd_key key;
    struct rd_found found;
    char name[600];
};

static void look(struct rd_store *store, uint32_t number, struct place *place) {
    /* Some names are longer than an entry takes. */
    int length = snprintf(place->name, sizeof place->name, "key-%u-%0*u", number, number % 50 == 3 ? 400 : 4, number);
    uint32_t space = rd_databases_space(&store->databases, number % DATABASES);
    place->key = rd_key_of((struct rd_slice){place->name, (size_t)length}, space);
    place->hash = rd_store_hash(store, rd_key_name(place->key));
    place->shard = rd_store_shard(store, place->hash);
    rd_shard_lock(place->shard);
    place->found = rd_shard_find(place->shard, place->hash, place->key, 1);
}

static enum rd_type_of_value type_of(uint32_t number) {
    if (number % 97 == 5) return RD_VALUE_HASH;
    return number % 97 == 6 ? RD_VALUE_ZSET : RD_VALUE_STRING;
}

static void put_members(struct place *place, uint32_t number, uint32_t version) {
    struct rd_shape shape;
    if (place->found.entry) rd_shard_remove(place->shard, place->found);
    place->found = (struct rd_found){0};
    REQUIRE(rd_shape_open(&shape, place->shard, place->hash, place->key, place->found, type_of(number), limits, &scratch));
    uint32_t members = number % 2 ? 10 : 700;
    for (uint32_t i = 0; i < members; i++) {
        char text[32], item[128];
        size_t length = (size_t)snprintf(text, sizeof text, "m-%u-%u", i, version);
        struct rd_word word = rd_word_of((struct rd_slice){text, length}), value = rd_word_of_integer(number + i);
        if (type_of(number) == RD_VALUE_ZSET) {
            REQUIRE(rd_zset_add(&shape, &word, i));
            continue;
        }
        char *end = rd_word_write(&value, rd_word_write(&word, item));
        REQUIRE(rd_shape_add(&shape, &word, (struct rd_slice){item, (size_t)(end - item)}));
    }
    REQUIRE(rd_shape_close(&shape) == RD_OK);
}

static void check_members(struct place *place, uint32_t number, uint32_t version) {
    struct rd_shape shape;
    REQUIRE(rd_shape_open(&shape, place->shard, place->hash, place->key, place->found, type_of(number), limits, &scratch));
    uint32_t members = number % 2 ? 10 : 700;
    REQUIRE(shape.count == members);
    for (uint32_t i = 0; i < members; i++) {
        char text[32];
        struct rd_word word = rd_word_of((struct rd_slice){text, (size_t)snprintf(text, sizeof text, "m-%u-%u", i, version)});
        struct rd_place_in at;
        double score;
        int64_t value;
        if (type_of(number) == RD_VALUE_ZSET) {
            REQUIRE(rd_zset_find(&shape, &word, &score) && score == i);
            continue;
        }
        REQUIRE(rd_shape_find(&shape, &word, &at) && rd_part_integer(rd_part_after(at.item), &value) && value == number + i);
    }
}

static void put(struct rd_store *store, uint32_t number, uint32_t version) {
    struct place place;
    look(store, number, &place);
    if (type_of(number) != RD_VALUE_STRING) {
        put_members(&place, number, version);
    } else {
        size_t length;
        char *bytes = value_of(number, version, &length);
        struct rd_new_value new = {.value = {bytes, length}, .expiry = number % 3 ? 0 : FAR + number + version};
        REQUIRE(rd_shard_put(place.shard, place.hash, place.key, &place.found, &new) == RD_OK);
        free(bytes);
    }
    rd_shard_unlock(place.shard);
}

/* With its shard's lock held. */
static void check_found(struct place *place, uint32_t number, uint32_t version) {
    if (type_of(number) != RD_VALUE_STRING) {
        check_members(place, number, version);
        return;
    }
    size_t length;
    char *bytes = value_of(number, version, &length);
    struct rd_slice value = rd_entry_value(place->found.entry);
    REQUIRE(value.length == length && memcmp(value.bytes, bytes, length) == 0);
    REQUIRE(rd_entry_expiry(place->found.entry) == (number % 3 ? 0 : FAR + number + version));
    free(bytes);
}

/* It is there, and as it should be. */
static inline void check(struct rd_store *store, uint32_t number, uint32_t version) {
    struct place place;
    look(store, number, &place);
    REQUIRE(place.found.entry);
    check_found(&place, number, version);
    rd_shard_unlock(place.shard);
}

#endif
