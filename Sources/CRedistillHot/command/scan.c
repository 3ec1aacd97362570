/* This file owns the walks over the keyspace: KEYS, SCAN, and those for the keys of a slot. */
#include "call/handler.h"
#include "base/glob.h"
#include "connection/login.h"

struct walk {
    struct rd_shard *shard;
    struct rd_reply *reply;
    struct rd_slice pattern;
    const struct rd_user *user; /* whose keys alone are shown; NULL: all */
    bool all;       /* the pattern matches everything */
    int type;       /* the only one that is shown, or one of these */
    int slot;       /* of a cluster, the only one that is shown */
    bool counts;    /* nothing is replied but how many there are */
    int64_t now;
    size_t most;    /* keys to be replied */
    size_t count;   /* keys replied */
    size_t seen;    /* entries looked at */
    uint32_t from;  /* what the walk has passed already by this cursor is left out; 0: nothing */
};

#define ANY_TYPE (-1)
#define ANY_SLOT (-1)
#define NO_TYPE (-2)

/* Buckets looked at under one hold of their shard's lock: some hundred keys. */
#define BUCKETS_AT_ONCE 64

static void visit(void *context, uint32_t reference) {
    struct walk *walk = context;
    const struct rd_entry *entry = rd_shard_entry(walk->shard, reference);
    walk->seen++;
    if (walk->type == NO_TYPE || rd_entry_has_expired(entry, walk->now)) return;
    if (walk->type != ANY_TYPE && walk->type != (int)rd_entry_type(entry)) return;
    struct rd_slice key = rd_entry_key(entry);
    if (walk->slot != ANY_SLOT && walk->slot != (int)rd_slot_of(key)) return;
    if (!walk->all && !rd_glob_match(walk->pattern, key, false)) return;
    if (walk->user && !rd_user_may_key(walk->user, key)) return;
    if (walk->from && rd_table_cursor(rd_store_hash(walk->shard->store, key)) < walk->from) return;
    if (walk->count == walk->most) return;
    if (!walk->counts) rd_reply_slice(walk->reply, key);
    walk->count++;
}

/*
 * Every key of a shard. Where the lock was given back the table may have shrunk, and the bucket that is next have been
 * merged with one that was visited.
 */
/* False: a script keeps it for too long. */
static bool visit_shard(struct rd_call *call, struct walk *walk) {
    struct rd_shard *shard = walk->shard;
    if (!rd_call_lock(call, shard)) return false;
    uint32_t cursor = 0, left = BUCKETS_AT_ONCE;
    struct rd_table *table;
    while ((table = rd_shard_table(shard, rd_call_space(call)))) {
        if (left-- == 0) {
            rd_call_unlock(call, shard);
            if (!rd_call_lock(call, shard)) return false;
            left = BUCKETS_AT_ONCE - 1;
            walk->from = cursor;
        }
        cursor = rd_table_scan(table, cursor, visit, walk);
        walk->from = 0;
        if (!cursor || walk->reply->failed || walk->count == walk->most) break;
    }
    rd_call_unlock(call, shard);
    return true;
}

static void refuse_as_busy(struct rd_reply *reply, size_t from) {
    rd_reply_truncate(reply, from, reply->blob_count);
    rd_reply_busy(reply);
}

/* Every key that the client may see. */
static struct walk walk_of(const struct rd_call *call) {
    return (struct walk){.reply = call->reply, .all = true, .type = ANY_TYPE, .slot = ANY_SLOT, .most = SIZE_MAX,
                         .now = call->now, .user = rd_conn_user(call->conn)};
}

/* Of every shard; false: a script keeps one for too long, and that has been replied. */
static bool visit_all(struct rd_call *call, struct walk *walk) {
    size_t from = call->reply->length;
    for (uint32_t i = 0; i < call->store->shard_count && !call->reply->failed && walk->count < walk->most; i++) {
        walk->shard = &call->store->shards[i];
        if (visit_shard(call, walk)) continue;
        refuse_as_busy(call->reply, from);
        return false;
    }
    return true;
}

/* https://redis.io/docs/latest/commands/keys/ */
static void cmd_keys(struct rd_call *call) {
    struct walk walk = walk_of(call);
    walk.pattern = call->argv[1];
    walk.all = rd_glob_is_all(walk.pattern);
    size_t from = call->reply->length;
    if (visit_all(call, &walk)) rd_reply_array_at(call->reply, from, walk.count);
}

/* Reads the number of a slot; writes an error and returns false when there is none of it, or no cluster. */
static bool parse_slot(struct rd_call *call, int64_t *slot) {
    if (!call->loop->cluster) {
        rd_reply_fail(call->reply, RD_NO_CLUSTER);
        return false;
    }
    return rd_call_integer(call, call->argv[2], slot);
}

/* https://redis.io/docs/latest/commands/cluster-countkeysinslot/ */
static void cmd_count_keys_in_slot(struct rd_call *call) {
    int64_t slot;
    if (!parse_slot(call, &slot)) return;
    if (slot < 0 || slot >= RD_SLOTS) {
        rd_reply_fail(call->reply, "ERR Invalid slot");
        return;
    }
    struct walk walk = walk_of(call);
    walk.slot = (int)slot;
    walk.counts = true;
    if (visit_all(call, &walk)) rd_reply_integer(call->reply, (int64_t)walk.count);
}

/* https://redis.io/docs/latest/commands/cluster-getkeysinslot/ */
static void cmd_get_keys_in_slot(struct rd_call *call) {
    int64_t slot, most;
    if (!parse_slot(call, &slot) || !rd_call_integer(call, call->argv[3], &most)) return;
    if (slot < 0 || slot >= RD_SLOTS || most < 0) {
        rd_reply_fail(call->reply, "ERR Invalid slot or number of keys");
        return;
    }
    struct walk walk = walk_of(call);
    walk.slot = (int)slot;
    walk.most = (size_t)most;
    size_t from = call->reply->length;
    if (visit_all(call, &walk)) rd_reply_array_at(call->reply, from, walk.count);
}

/* Buckets that one call may look at, whatever its COUNT: enough for the few keys of a small database to be one page. */
#define LEAST_BUCKETS 1024

struct scan_options {
    int64_t count;
    struct rd_slice pattern;
    int type; /* as in struct walk */
};

/* A type that is not here has no keys. */
static int type_named(struct rd_slice name) {
    for (int type = RD_VALUE_STRING; type <= RD_VALUE_ZSET; type++) {
        if (rd_slice_is(name, rd_type_name((enum rd_type_of_value)type))) return type;
    }
    return NO_TYPE;
}

static bool parse_scan_options(struct rd_call *call, struct scan_options *options) {
    for (uint32_t i = 2; i < call->argc; i += 2) {
        struct rd_slice word = call->argv[i];
        if (i + 1 == call->argc) {
            rd_reply_syntax_error(call->reply);
            return false;
        }
        struct rd_slice value = call->argv[i + 1];
        if (rd_slice_is(word, "count")) {
            if (!rd_parse_i64(value.bytes, value.length, &options->count)) {
                rd_reply_not_an_integer(call->reply);
                return false;
            }
            if (options->count < 1) {
                rd_reply_syntax_error(call->reply);
                return false;
            }
        } else if (rd_slice_is(word, "match")) {
            options->pattern = value;
        } else if (rd_slice_is(word, "type")) {
            options->type = type_named(value);
        } else {
            rd_reply_syntax_error(call->reply);
            return false;
        }
    }
    return true;
}

/*
 * https://redis.io/docs/latest/commands/scan/ : the cursor is the table's position above the shard's number, so that
 * it needs no state here.
 */
static void cmd_scan(struct rd_call *call) {
    struct rd_store *store = call->store;
    uint32_t shard_bits = (uint32_t)__builtin_ctz(store->shard_count);
    uint64_t cursor;
    if (!rd_parse_u64(call->argv[1].bytes, call->argv[1].length, &cursor)) {
        rd_reply_fail(call->reply, "ERR invalid cursor");
        return;
    }
    struct scan_options options = {.count = 10, .pattern = {"*", 1}, .type = ANY_TYPE};
    if (!parse_scan_options(call, &options)) return;
    uint32_t number = (uint32_t)(cursor & (store->shard_count - 1));
    uint32_t position = (uint32_t)(cursor >> shard_bits); /* a cursor that was never given out leads somewhere, too */

    /* The keys first: where they end is the cursor. */
    struct walk walk = walk_of(call);
    walk.pattern = options.pattern;
    walk.type = options.type;
    walk.all = rd_glob_is_all(walk.pattern);
    size_t from = call->reply->length;
    /* Redis bounds the empty buckets of one call in the same way. */
    int64_t buckets = options.count > INT64_MAX / 10 ? INT64_MAX : options.count * 10;
    if (buckets < LEAST_BUCKETS) buckets = LEAST_BUCKETS;
    while (number < store->shard_count && walk.seen < (uint64_t)options.count && buckets > 0 && !call->reply->failed) {
        walk.shard = &store->shards[number];
        if (!rd_shard_keys_in(walk.shard, rd_call_space(call))) { /* not worth its lock */
            position = 0;
            number++;
            continue;
        }
        if (!rd_call_lock(call, walk.shard)) {
            refuse_as_busy(call->reply, from);
            return;
        }
        struct rd_table *table = rd_shard_table(walk.shard, rd_call_space(call));
        uint32_t left = table ? BUCKETS_AT_ONCE : 0;
        if (!table) position = 0; /* its database has another keyspace since */
        while (left-- > 0) {
            position = rd_table_scan(table, position, visit, &walk);
            buckets--;
            if (!position || walk.seen >= (uint64_t)options.count || buckets <= 0 || call->reply->failed) break;
        }
        rd_call_unlock(call, walk.shard);
        if (position == 0) number++;
    }
    uint64_t next = number == store->shard_count ? 0 : (uint64_t)position << shard_bits | number;
    rd_reply_array_at(call->reply, from, walk.count);
    rd_reply_cursor_at(call->reply, from, next);
}

const struct rd_command rd_scan_commands[] = {
    {"cluster|countkeysinslot", 3, RD_CMD_STALE | RD_CMD_ALL_KEYS, 0, 0, 0, cmd_count_keys_in_slot,
     RD_DOCS("Returns the number of keys in a hash slot.", "3.0.0", "cluster",
             "O(N) with N being the number of keys in the database", .all_databases = true,
             .grants = RD_GRANT_ASKS_OF_KEYS, .syntax = "slot:integer")},
    {"cluster|getkeysinslot", 4, RD_CMD_STALE | RD_CMD_ALL_KEYS, 0, 0, 0, cmd_get_keys_in_slot,
     RD_DOCS("Returns the key names in a hash slot.", "3.0.0", "cluster",
             "O(N) with N being the number of keys in the database", .all_databases = true,
             .grants = RD_GRANT_ASKS_OF_KEYS, .syntax = "slot:integer count:integer",
             .tips = "nondeterministic_output")},
    {"keys", 2, RD_CMD_READONLY | RD_CMD_KEYSPACE | RD_CMD_ALL_KEYS | RD_CMD_DANGEROUS, 0, 0, 0, cmd_keys,
     RD_DOCS("Returns all key names that match a pattern.", "1.0.0", "generic",
             "O(N) with N being the number of keys in the database", .syntax = "pattern:pattern",
             .grants = RD_GRANT_EVERY_ROLE | RD_GRANT_ASKS_OF_KEYS,
             .tips = "request_policy:all_shards nondeterministic_output_order")},
    {"scan", -2, RD_CMD_READONLY | RD_CMD_KEYSPACE | RD_CMD_ALL_KEYS, 0, 0, 0, cmd_scan,
     RD_DOCS("Iterates over the key names in the database.", "2.8.0", "generic",
             "O(1) for every call. O(N) for a complete iteration.", .grants = RD_GRANT_ASKS_OF_KEYS,
             .syntax = "cursor:integer [MATCH pattern:pattern] [COUNT count:integer] [TYPE type@6.0.0]",
             .history = "6.0.0 Added the `TYPE` subcommand.",
             .tips = "nondeterministic_output request_policy:special response_policy:special")},
    RD_END_OF_COMMANDS,
};
