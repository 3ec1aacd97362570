/*
 * This file owns the test of the store as a library: a store beside a plain array of what it should hold. With a limit
 * only the store knows what it evicts, so that the array learns of it through the store's change slot: if that told too
 * little or too much, the two would part.
 *
 *     store_model [first seed [last seed]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "require.h"
#include "store/compact.h"
#include "store/relief.h"
#include "store/store.h"
#include "store/sweep.h"

#define SHARDS 4
#define KEYS 501
/* Each name is a key of every one. */
#define DATABASES 3
#define STEPS 6000
#define KEY_MOST 400
#define LIMIT (2u << 20)

struct item {
    char key[KEY_MOST];
    size_t key_length;
    bool there;
    char *value;    /* owned */
    size_t length;
    int64_t expiry; /* 0 = none */
};

struct model {
    struct rd_store store;         /* the first: of a shard, the policy and the listener know the model by it */
    struct rd_change_slot slot;
    struct item items[KEYS];
    const struct item *in_hand;    /* what is being written must not be evicted for it */
    uint64_t told[RD_CHANGE_CLEARED + 1];
    uint64_t due[RD_CHANGE_CLEARED + 1]; /* of those that the model itself brings about */
    uint64_t chosen;               /* victims that the policy was told of */
    uint64_t refused;
    int64_t now;
    uint64_t random;
};

static uint64_t below(struct model *model, uint64_t bound) {
    model->random ^= model->random << 13;
    model->random ^= model->random >> 7;
    model->random ^= model->random << 17;
    return model->random * 0x2545f4914f6cdd1du % bound;
}

static void set_value(struct item *item, const char *bytes, size_t length) {
    char *value = malloc(length + 1);
    REQUIRE(value);
    memcpy(value, bytes, length);
    free(item->value);
    item->value = value;
    item->length = length;
}

static void forget(struct item *item) {
    REQUIRE(item->there);
    item->there = false;
}

static struct rd_slice name_of(const struct item *item) {
    return (struct rd_slice){item->key, item->key_length};
}

static uint32_t database_of(const struct model *model, const struct item *item) {
    return (uint32_t)(item - model->items) % DATABASES;
}

static struct rd_key key_of(const struct model *model, const struct item *item) {
    return rd_key_of(name_of(item), rd_databases_space(&model->store.databases, database_of(model, item)));
}

/* A key begins with its number. NULL: it is of a database that was flushed. */
static struct item *item_of(struct model *model, struct rd_key key) {
    unsigned number = 0;
    if (rd_databases_dies(&model->store.databases, key.space)) return NULL;
    for (size_t i = 0; i < 4; i++) number = number * 10 + (unsigned)(key.bytes[i] - '0');
    for (uint32_t i = 0; i < DATABASES; i++) {
        struct item *item = &model->items[number * DATABASES + i];
        REQUIRE(number * DATABASES < KEYS && item->key_length == key.length);
        if (rd_databases_space(&model->store.databases, i) == key.space) return item;
    }
    REQUIRE(!"of no database");
    return NULL;
}

static void changed(struct rd_change_slot *slot, struct rd_shard *shard, uint64_t hash, struct rd_key key,
                    enum rd_change change) {
    struct model *model = (struct model *)shard->store;
    REQUIRE(slot == &model->slot && shard->listened);
    model->told[change]++;
    if (change == RD_CHANGE_CLEARED) {
        REQUIRE(key.length == 0);
        for (int i = 0; i < KEYS; i++) {
            if (rd_store_shard(&model->store, rd_store_hash(&model->store, name_of(&model->items[i]))) != shard) continue;
            model->items[i].there = false;
        }
        return;
    }
    struct item *item = item_of(model, key);
    if (!item) {
        if (change == RD_CHANGE_EXPIRED) model->due[change]++;
        return;
    }
    REQUIRE(hash == rd_store_hash(&model->store, rd_key_name(key)) && rd_store_shard(&model->store, hash) == shard);
    if (change == RD_CHANGE_EXPIRED) REQUIRE(item->expiry && item->expiry <= model->now);
    if (change == RD_CHANGE_EVICTED) REQUIRE(item != model->in_hand);
    if (change != RD_CHANGE_VALUE && change != RD_CHANGE_EXPIRY) forget(item);
}

/* The simplest of policies: of the lists the first one's oldest. */
static struct rd_victim oldest(struct rd_shard *shard, uint32_t space, uint32_t spare) {
    const struct rd_list *lists = rd_shard_lists(shard, space);
    for (unsigned list = 0; list < RD_LISTS; list++) {
        uint32_t reference = lists[list].oldest;
        if (reference && reference == spare) reference = rd_shard_entry(shard, reference)->newer;
        if (reference) return (struct rd_victim){reference, 1};
    }
    return (struct rd_victim){0};
}

static void note_victim(struct rd_shard *shard, const struct rd_entry *entry) {
    struct model *model = (struct model *)shard->store;
    const struct item *item = item_of(model, rd_shard_key(entry));
    REQUIRE(!item || item->there);
    model->chosen++;
}

static const struct rd_policy policy_oldest = {.name = "oldest", .victim = oldest, .evicted = note_victim};

static size_t some_length(struct model *model) {
    switch (below(model, 10)) {
    case 0: return below(model, 150000);
    case 1: return below(model, 8000);
    case 2:
    case 3: return 800 + below(model, 400); /* about where a value becomes a blob */
    default: return below(model, 100);
    }
}

static void write_some(struct model *model, char *bytes, size_t length) {
    char first = (char)below(model, 256);
    for (size_t i = 0; i < length; i++) bytes[i] = (char)(first + (char)(i * 7 >> 3));
}

/* The key as the store has it, which is as the model has it. */
static struct rd_found look(struct model *model, struct item *item, struct rd_shard **shard, uint64_t *hash) {
    *hash = rd_store_hash(&model->store, name_of(item));
    *shard = rd_store_shard(&model->store, *hash);
    bool expires = item->there && item->expiry && item->expiry <= model->now;
    if (expires) model->due[RD_CHANGE_EXPIRED]++;
    struct rd_found found = rd_shard_find(*shard, *hash, key_of(model, item), model->now);
    REQUIRE((found.entry != NULL) == item->there);
    if (!found.entry) return found;
    struct rd_slice value = rd_entry_value(found.entry);
    REQUIRE(value.length == item->length && memcmp(value.bytes, item->value, item->length) == 0);
    REQUIRE(rd_entry_expiry(found.entry) == item->expiry);
    return found;
}

static int64_t some_expiry(struct model *model) {
    return below(model, 3) ? 0 : model->now + 1 + (int64_t)below(model, 3000);
}

static void put(struct model *model, struct item *item) {
    struct rd_shard *shard;
    uint64_t hash;
    struct rd_found found = look(model, item, &shard, &hash);
    size_t length = some_length(model);
    char *bytes = malloc(length + 1);
    REQUIRE(bytes);
    write_some(model, bytes, length);
    struct rd_new_value new = {.value = {bytes, length}, .expiry = some_expiry(model)};
    enum rd_status status = rd_shard_put(shard, hash, key_of(model, item), &found, &new);
    if (status == RD_OK) {
        model->due[RD_CHANGE_VALUE]++;
        set_value(item, bytes, length);
        item->there = true;
        item->expiry = new.expiry;
    }
    model->refused += status != RD_OK;
    free(bytes);
}

static void resize(struct model *model, struct item *item) {
    struct rd_shard *shard;
    uint64_t hash;
    struct rd_found found = look(model, item, &shard, &hash);
    if (!found.entry) return;
    size_t length = below(model, 2) ? some_length(model) : item->length + below(model, 300);
    char *bytes;
    model->due[RD_CHANGE_VALUE]++; /* told before it is tried */
    if (rd_shard_resize(shard, hash, &found, length, &bytes) != RD_OK) {
        model->refused++;
        return;
    }
    size_t kept = length < item->length ? length : item->length;
    REQUIRE(memcmp(bytes, item->value, kept) == 0);
    for (size_t i = kept; i < length; i++) REQUIRE(bytes[i] == 0);
    write_some(model, bytes, length);
    set_value(item, bytes, length);
}

static void expire(struct model *model, struct item *item) {
    struct rd_shard *shard;
    uint64_t hash;
    struct rd_found found = look(model, item, &shard, &hash);
    if (!found.entry) return;
    int64_t expiry = some_expiry(model);
    if (expiry || item->expiry) model->due[RD_CHANGE_EXPIRY]++;
    if (rd_shard_set_expiry(shard, hash, &found, expiry) == RD_OK) item->expiry = expiry;
    else model->refused++;
}

static void delete(struct model *model, struct item *item) {
    struct rd_shard *shard;
    uint64_t hash;
    struct rd_found found = look(model, item, &shard, &hash);
    if (!found.entry) return;
    model->due[RD_CHANGE_REMOVED]++;
    rd_shard_remove(shard, found);
}

static void sweep(struct model *model) {
    for (int i = 0; i < KEYS; i++) {
        const struct item *item = &model->items[i];
        model->due[RD_CHANGE_EXPIRED] += item->there && item->expiry && item->expiry <= model->now;
    }
    for (uint32_t i = 0; i < SHARDS; i++) {
        struct rd_shard *shard = &model->store.shards[i];
        shard->sweep_cursor = shard->sweep_space = 0;
        while (!rd_shard_sweep(shard, 64, model->now).wrapped) {
        }
        while (rd_shard_compact(shard, NULL)) {
        }
        REQUIRE(rd_shard_check(shard));
    }
    rd_store_compact_blobs(&model->store);
}

static void swap_items(struct item *a, struct item *b) {
    struct item first = *a;
    *a = *b;
    *b = first;
}

static void swap(struct model *model) {
    uint32_t a = (uint32_t)below(model, DATABASES), b = (uint32_t)below(model, DATABASES);
    rd_store_swap_databases(&model->store, a, b);
    for (uint32_t i = 0; i < KEYS && a != b; i += DATABASES) swap_items(&model->items[i + a], &model->items[i + b]);
}

/* Nobody is told: who owns the store knows. Now and then before what was flushed before is gone. */
static void flush(struct model *model) {
    uint32_t database = (uint32_t)below(model, DATABASES), shard = 0;
    for (uint32_t i = database; i < KEYS; i += DATABASES) model->items[i].there = false;
    rd_store_flush_database(&model->store, database, rd_store_next_space(&model->store, database));
    REQUIRE(rd_store_keys(&model->store, database) == 0);
    for (uint64_t left = below(model, 20); left > 0 && rd_store_bury_some(&model->store, &shard); left--) {
    }
}

static void step(struct model *model) {
    struct item *item = &model->items[below(model, KEYS)];
    struct rd_shard *shard;
    uint64_t hash;
    model->in_hand = item;
    if (below(model, 400) == 0) swap(model);
    if (below(model, 1000) == 0) flush(model);
    switch (below(model, 10)) {
    case 0: delete(model, item); break;
    case 1: expire(model, item); break;
    case 2:
    case 3: resize(model, item); break;
    case 4:
    case 5:
    case 6: (void)look(model, item, &shard, &hash); break;
    default: put(model, item); break;
    }
    model->in_hand = NULL;
    model->now += (int64_t)below(model, 5);
}

static void begin(struct model *model, uint64_t seed, uint64_t limit, const struct rd_policy *policy, const uint8_t *shares) {
    struct rd_hash_seed hash_seed = {seed, ~seed};
    struct rd_store_options options = {
        .shards = SHARDS, .limit = limit, .reserve = 1u << 30, .policy = policy, .seed = &hash_seed,
        .databases = DATABASES, .shares = shares};
    memset(model, 0, sizeof *model);
    model->random = seed * 0x9e3779b97f4a7c15u | 1;
    model->now = 1000;
    REQUIRE(rd_store_init(&model->store, &options) == RD_OK);
    model->slot.changed = changed;
    model->store.change_slot = &model->slot;
    for (uint32_t i = 0; i < SHARDS; i++) model->store.shards[i].listened = true;
    for (unsigned i = 0; i < KEYS; i++) {
        struct item *item = &model->items[i];
        unsigned number = i / DATABASES;
        item->key_length = number % 16 ? 5 + number % 90 : 200 + number % 200; /* some in blobs */
        memset(item->key, 'k', sizeof item->key);
        snprintf(item->key, sizeof item->key, "%04u", number);
        item->key[4] = ':';
    }
}

/* Relief brings a store with a policy below its limit, without having to be asked for each key. */
static void relieve(struct model *model) {
    uint32_t shard = 0;
    do (void)rd_store_measure(&model->store, 0, 0);
    while (rd_store_relieve(&model->store, &shard, 500));
    uint64_t limit = atomic_load(&model->store.limit);
    if (limit && rd_store_policy(&model->store)->victim) REQUIRE(rd_store_used(&model->store) <= limit + limit / 16);
}

static void finish(struct model *model) {
    struct rd_shard *shard;
    uint64_t hash, keys = 0, of[DATABASES] = {0};
    relieve(model);
    for (uint32_t i = 0; i < KEYS; i++) of[i % DATABASES] += look(model, &model->items[i], &shard, &hash).entry != NULL;
    for (uint32_t i = 0; i < DATABASES; i++) {
        REQUIRE(rd_store_keys(&model->store, i) == of[i]);
        keys += of[i];
    }
    REQUIRE(rd_store_check(&model->store) && !rd_databases_any_dies(&model->store.databases));
    REQUIRE(rd_store_clear(&model->store) == keys);
    model->due[RD_CHANGE_CLEARED] += SHARDS;
    rd_flush_finish(&model->store);
    REQUIRE(rd_store_check(&model->store) && rd_blobs_bytes(&model->store.blobs) == 0);
    for (int i = 0; i < KEYS; i++) {
        REQUIRE(!model->items[i].there);
        free(model->items[i].value);
    }
    model->due[RD_CHANGE_EVICTED] = model->chosen;
    for (int i = 0; i <= RD_CHANGE_CLEARED; i++) REQUIRE(model->told[i] == model->due[i]);
    rd_store_destroy(&model->store);
}

static void run(struct model *model, uint64_t seed, uint64_t limit, const struct rd_policy *policy, const uint8_t *shares) {
    begin(model, seed, limit, policy, shares);
    for (int i = 1; i <= STEPS; i++) {
        step(model);
        if (i % 500 == 0) sweep(model);
        if (i % 700 == 0) relieve(model);
    }
    finish(model);
    REQUIRE((model->chosen != 0) == (limit && policy));
    /* With a policy only what is larger than its database's share. */
    REQUIRE((model->refused != 0) == (limit && !policy) || (shares && policy));
    for (int i = 0; i <= RD_CHANGE_CLEARED; i++) REQUIRE(i == RD_CHANGE_EVICTED || model->told[i]);
}

int main(int argc, char **argv) {
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1, last = argc > 2 ? strtoull(argv[2], NULL, 10) : first + 3;
    struct model *model = aligned_alloc(128, (sizeof *model + 127) / 128 * 128);
    REQUIRE(model);
    static const uint8_t shares[DATABASES] = {0, 20, 30};
    for (uint64_t seed = first; seed <= last; seed++) {
        run(model, seed, 0, NULL, NULL);
        run(model, seed, LIMIT, &policy_oldest, NULL);
        run(model, seed, LIMIT, NULL, NULL);
        run(model, seed, LIMIT, &policy_oldest, shares);
        run(model, seed, LIMIT, NULL, shares);
    }
    printf("store_model: the store agrees with the model, seeds %llu to %llu\n", (unsigned long long)first,
           (unsigned long long)last);
    free(model);
    return 0;
}
