/*
 * This file owns how a payload becomes a value with a shape: item by item, apart from what the key has until all of it is
 * there, so that what is malformed, or too much, changes nothing.
 */
#include "call/limits.h"
#include "command/payload.h"
#include "resp/rdb_value.h"
#include "store/room.h"

/* An item that is shorter is put together here. */
#define SHORT_ITEM 512u
/* Bytes that are restored before others may have the shard, some 500 us, and what an item costs besides its own. */
#define SLICE (128u << 10)
#define ITEM_COST 256u

struct restorer {
    struct rd_rdb_memory memory; /* first, since the reader gives only its address */
    const struct rd_restore *to;
    struct rd_shape shape;
    struct rd_blob *rooms[RD_RDB_ROOMS + 1]; /* owned; NULL until they are needed; the last one is for an item */
    size_t work; /* since the lock was had */
    char item[SHORT_ITEM];
};

/* As the database leads to it now: with a shard's lock. */
static struct rd_key key_of(const struct rd_restore *to) {
    return rd_key_of(to->name, rd_databases_space(&to->store->databases, to->database));
}

/* Memory of the store, so that it counts. What was there is kept where it suffices. */
static char *room_of(struct restorer *restorer, unsigned which, uint64_t length) {
    struct rd_blob **blob = &restorer->rooms[which];
    if (*blob && rd_blob_capacity(*blob) >= length) return (*blob)->bytes;
    if (*blob) rd_blob_release(*blob);
    *blob = NULL;
    if (rd_room_for_blob(restorer->to->shard, length, NULL) != RD_OK) return NULL;
    *blob = rd_blob_new(&restorer->to->store->blobs, length ? length : 1, 0);
    return *blob ? (*blob)->bytes : NULL;
}

static char *take_room(struct rd_rdb_memory *memory, enum rd_rdb_room which, uint64_t length) {
    return room_of((struct restorer *)memory, which, length);
}

static void drop_rooms(struct restorer *restorer) {
    for (unsigned i = 0; i <= RD_RDB_ROOMS; i++) {
        if (restorer->rooms[i]) rd_blob_release(restorer->rooms[i]);
    }
}

static enum rd_type_of_value type_of(enum rd_rdb_shape shape) {
    switch (shape) {
    case RD_RDB_IS_HASH: return RD_VALUE_HASH;
    case RD_RDB_IS_SET: return RD_VALUE_SET;
    case RD_RDB_IS_LIST: return RD_VALUE_LIST;
    default: return RD_VALUE_ZSET;
    }
}

static struct rd_word word_of(const struct rd_element *element) {
    return element->is_integer ? rd_word_of_integer(element->integer) : rd_word_of(element->text);
}

/* The words as an item; its bytes are NULL when memory is out. */
static struct rd_slice item_of(struct restorer *restorer, const struct rd_word *words, uint32_t count) {
    size_t length = 0;
    for (uint32_t i = 0; i < count; i++) length += rd_word_room(&words[i]);
    char *bytes = length <= SHORT_ITEM ? restorer->item : room_of(restorer, RD_RDB_ROOMS, length);
    char *end = bytes;
    for (uint32_t i = 0; end && i < count; i++) end = rd_word_write(&words[i], end);
    return (struct rd_slice){bytes, length};
}

static enum rd_status added(bool was_added) {
    return was_added ? RD_OK : RD_ERR_NO_MEMORY;
}

static enum rd_status add_score(struct rd_shape *shape, const struct rd_word *member, double score) {
    double before;
    if (rd_zset_find(shape, member, &before)) return RD_ERR_INVALID;
    return added(rd_zset_add(shape, member, score));
}

/* Adds what the payload has next. RD_ERR_INVALID: it is there already. */
static enum rd_status add(struct restorer *restorer, const struct rd_rdb_item *item) {
    struct rd_shape *shape = &restorer->shape;
    enum rd_type_of_value type = shape->kind & RD_SHAPE_TYPE;
    struct rd_word words[3] = {word_of(&item->first)};
    struct rd_place_in at;
    if (type == RD_VALUE_ZSET) return add_score(shape, &words[0], item->score);
    if (type != RD_VALUE_LIST && rd_shape_find(shape, &words[0], &at)) return RD_ERR_INVALID;
    uint32_t count = 1;
    if (type == RD_VALUE_HASH) {
        words[count++] = word_of(&item->second);
        if (item->time) words[count++] = rd_word_of_integer(item->time);
    }
    struct rd_slice bytes = item_of(restorer, words, count);
    if (!bytes.bytes || (item->time && !rd_shape_make_timed(shape))) return RD_ERR_NO_MEMORY;
    if (type != RD_VALUE_LIST) return added(rd_shape_add(shape, &words[0], bytes));
    rd_shape_end(shape, &at);
    return added(rd_shape_insert(shape, &at, bytes));
}

/* Nobody else knows of what is built, so that the shard's lock may be given back in between. */
static void let_others(struct restorer *restorer, const struct rd_rdb_item *item) {
    restorer->work += ITEM_COST + item->first.text.length + item->second.text.length;
    if (restorer->work < SLICE) return;
    restorer->work = 0;
    if (restorer->to->keeps_lock) return;
    rd_shard_unlock(restorer->to->shard);
    rd_shard_lock(restorer->to->shard);
}

/* All of the payload but fields whose time is over. */
static enum rd_status fill(struct restorer *restorer, struct rd_rdb_value *value) {
    struct rd_rdb_item item = {0};
    for (;;) {
        switch (rd_rdb_value_next(value, &item)) {
        case RD_RDB_END: return RD_OK;
        case RD_RDB_BAD: return RD_ERR_INVALID;
        case RD_RDB_NO_MEMORY: return RD_ERR_NO_MEMORY;
        case RD_RDB_ITEM: break;
        }
        if (item.time && item.time <= restorer->to->now) continue;
        enum rd_status status = add(restorer, &item);
        if (status != RD_OK) return status;
        let_others(restorer, &item);
    }
}

/* Nothing becomes of what was built. */
static void abandon(struct rd_shape *shape) {
    if (shape->fresh) rd_blob_release(shape->tree.root);
}

/* Puts it where the key is; what is over already only takes away what was there, as does a hash without a field left. */
static enum rd_status settle(struct restorer *restorer) {
    const struct rd_restore *to = restorer->to;
    struct rd_shape *shape = &restorer->shape;
    /* Only now: it may have come, gone or moved meanwhile, and so may the database. */
    shape->key = key_of(to);
    shape->found = rd_shard_find(to->shard, to->hash, shape->key, to->now);
    bool is_busy = shape->found.entry && !to->may_replace, is_over = to->expiry && to->expiry <= to->now;
    if (!is_busy && !is_over && shape->count > 0) return rd_shape_close(shape);
    abandon(shape);
    if (is_busy) return RD_ERR_STATE;
    if (shape->found.entry) rd_shard_remove(to->shard, shape->found);
    shape->found.entry = NULL;
    if (is_over) rd_counter_add(&to->shard->expired, 1); /* as in Redis, though it was never there */
    return RD_OK;
}

enum rd_status rd_restore_value(const struct rd_restore *to, uint8_t form, unsigned version, struct rd_rdb_cursor cursor,
                                struct rd_found *found) {
    uint64_t most = (uint64_t)rd_setting(to->settings, RD_SET_MAX_BULK_LENGTH);
    struct restorer restorer = {.memory = {.room = take_room, .most = most}, .to = to};
    struct rd_shape *shape = &restorer.shape;
    struct rd_rdb_value value;
    size_t length = (size_t)(cursor.end - cursor.at);
    enum rd_status status = rd_rdb_value_begin(&value, form, version, cursor, &restorer.memory);
    if (status != RD_OK) return status;
    enum rd_type_of_value type = type_of(value.shape);
    struct rd_found none = {0};
    if (!rd_shape_open(shape, to->shard, to->hash, key_of(to), none, type, rd_shape_limits_of(to->settings, type), to->scratch)) {
        return RD_ERR_STATE;
    }
    shape->expiry = to->expiry;
    shape->owes_nothing = true;
    status = rd_shape_admit(shape, length);
    if (status == RD_OK) status = fill(&restorer, &value);
    drop_rooms(&restorer);
    if (status == RD_OK) status = settle(&restorer);
    else abandon(shape);
    *found = shape->found;
    return status;
}

enum rd_status rd_payload_restore(struct rd_call *call, struct rd_slice payload, bool may_replace, int64_t expiry,
                                  struct rd_found *found) {
    struct rd_rdb_cursor cursor = rd_rdb_open(payload);
    uint8_t form;
    if (!rd_rdb_get_byte(&cursor, &form)) return RD_ERR_INVALID;
    struct rd_restore to = {
        .store = call->store,
        .shard = call->shard,
        .hash = call->hash,
        .name = call->argv[call->command->first_key],
        .database = atomic_load_explicit(&call->conn->database, memory_order_relaxed),
        .now = call->now,
        .expiry = expiry,
        .settings = call->loop->settings,
        .scratch = &call->loop->shape_scratch,
        .may_replace = may_replace,
        .keeps_lock = call->in_exec,
    };
    return rd_restore_value(&to, form, rd_rdb_version(payload), cursor, found);
}
