/* This file owns loading a file. */
#include "snapshot/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "command/payload.h"
#include "resp/rdb_value.h"
#include "snapshot/opcode.h"

/* From this version on there is a checksum at the end. */
#define CHECKSUM_FROM 5
/* The highest versions that are read: what may come of Redis, and of Valkey, whose numbers begin at 80. */
#define VERSION_MOST 79
#define VERSION_MOST_OF_VALKEY 99
/* Of a file without a memory limit: a value that takes more of it is passed over. */
#define VALUE_MOST (8ull << 30)
/* Keys between two looks at the clock, and at whether to go on. */
#define KEYS_AT_ONCE 256

struct loading {
    struct rd_load *load;
    struct rd_file_reader reader;
    struct rd_shape_scratch scratch;
    char *unpacked[2]; /* of a key, of a string; owned */
    size_t rooms[2];
    unsigned version;
    uint64_t database;
    int64_t now, expiry; /* of the next key; 0: none */
    uint32_t turn;
    bool is_foreign, is_cancelled, out_of_memory;
};

/* The bytes of a string within what was kept; false: malformed, or beyond the limit, or memory is out. */
static bool get_text(struct loading *loading, struct rd_rdb_cursor *cursor, int room, struct rd_rdb_string *string,
                     struct rd_slice *text) {
    uint64_t most = (uint64_t)rd_setting(loading->load->settings, RD_SET_MAX_BULK_LENGTH);
    if (!rd_rdb_get_string(cursor, string)) return false;
    *text = string->bytes;
    if (!string->compressed) return text->length <= most;
    if (!rd_rdb_may_unpack(string, most)) return false;
    if (loading->rooms[room] < string->length || !loading->unpacked[room]) {
        char *grown = realloc(loading->unpacked[room], string->length ? (size_t)string->length : 1);
        if (!grown) {
            loading->out_of_memory = true;
            return false;
        }
        loading->unpacked[room] = grown;
        loading->rooms[room] = (size_t)string->length;
    }
    *text = (struct rd_slice){loading->unpacked[room], (size_t)string->length};
    return rd_rdb_unpack(string, loading->unpacked[room]) == RD_OK;
}

static enum rd_status store_string(struct loading *loading, const struct rd_restore *to, struct rd_rdb_cursor cursor,
                                   struct rd_found *found) {
    struct rd_rdb_string string;
    struct rd_slice text;
    if (!get_text(loading, &cursor, 1, &string, &text)) return loading->out_of_memory ? RD_ERR_NO_MEMORY : RD_ERR_INVALID;
    struct rd_key key = rd_key_of(to->name, rd_databases_space(&to->store->databases, to->database));
    *found = rd_shard_find(to->shard, to->hash, key, to->now);
    struct rd_new_value new = {.value = text, .expiry = to->expiry};
    return rd_shard_put(to->shard, to->hash, key, found, &new);
}

static void count(struct loading *loading, enum rd_status status) {
    struct rd_load_counts *counts = &loading->load->counts;
    switch (status) {
    case RD_OK:
        counts->keys++;
        atomic_store_explicit(loading->load->done, counts->keys, memory_order_relaxed);
        break;
    case RD_ERR_INVALID: counts->malformed++; break;
    default: counts->without_room++; break;
    }
}

static void store(struct loading *loading, uint8_t form, struct rd_slice name, struct rd_rdb_cursor value) {
    struct rd_store *store = loading->load->store;
    uint64_t hash = rd_store_hash(store, name);
    struct rd_restore to = {
        .store = store,
        .shard = rd_store_shard(store, hash),
        .hash = hash,
        .name = name,
        .database = (uint32_t)loading->database,
        .now = loading->now,
        .expiry = loading->expiry,
        .settings = loading->load->settings,
        .scratch = &loading->scratch,
        .may_replace = true,
    };
    struct rd_found found;
    rd_shard_lock(to.shard);
    enum rd_status status = form == RD_RDB_STRING ? store_string(loading, &to, value, &found)
                                                  : rd_restore_value(&to, form, loading->version, value, &found);
    rd_shard_unlock(to.shard);
    count(loading, status);
}

static bool is_of_here(const struct loading *loading, uint8_t form) {
    return form == RD_RDB_STRING || rd_rdb_value_is_known(form, loading->version);
}

/* Key and value, which are kept, from `key_length` on the value. */
static void take_kept(struct loading *loading, uint8_t form, size_t key_length) {
    struct rd_file_reader *reader = &loading->reader;
    const unsigned char *bytes = (const unsigned char *)reader->window + reader->start;
    struct rd_rdb_cursor key = {bytes, bytes + key_length};
    struct rd_rdb_cursor value = {bytes + key_length, (const unsigned char *)reader->window + reader->at};
    struct rd_rdb_string string;
    struct rd_slice name;
    if (get_text(loading, &key, 0, &string, &name)) store(loading, form, name, value);
    else loading->load->counts.malformed++;
}

/* A type, and behind it a key and a value. */
static bool load_key(struct loading *loading, uint8_t form) {
    struct rd_file_reader *reader = &loading->reader;
    struct rd_load_counts *counts = &loading->load->counts;
    if (loading->turn++ % KEYS_AT_ONCE == 0) {
        loading->now = rd_unix_ms();
        loading->is_cancelled = atomic_load_explicit(loading->load->cancelled, memory_order_relaxed);
        if (loading->is_cancelled) return false;
    }
    rd_file_reader_keep(reader);
    if (!rd_file_reader_pass_string(reader)) return false;
    size_t key_length = reader->at - reader->start;
    if (!rd_file_reader_pass_value(reader, form, loading->version)) {
        if (reader->state != RD_READ_OK) return false;
        loading->is_foreign = true;
        loading->load->form = form;
        return false;
    }
    if (!is_of_here(loading, form)) counts->of_type[form]++;
    else if (loading->database >= loading->load->store->databases.count) counts->of_database++;
    else if (loading->expiry && loading->expiry <= loading->now) counts->expired++;
    else if (!reader->keeps) counts->too_large++;
    else take_kept(loading, form, key_length);
    rd_file_reader_let_go(reader);
    loading->expiry = 0;
    return !loading->out_of_memory;
}

/* A time that is 0 or below is long over, and not the same as none. */
static bool take_expiry(struct loading *loading, size_t bytes, int64_t unit) {
    unsigned char raw[8];
    if (!rd_file_reader_bytes(&loading->reader, (char *)raw, bytes)) return false;
    int64_t time = bytes == 4 ? (int32_t)rd_packed_little(raw, 4) : (int64_t)rd_packed_little(raw, 8);
    loading->expiry = time < 1 ? 1 : time * unit;
    return true;
}

/* Everything until the end; false: the reader, or the loading, says why it could not go on. */
static bool load_all(struct loading *loading) {
    struct rd_file_reader *reader = &loading->reader;
    for (;;) {
        uint8_t opcode;
        bool fine;
        if (!rd_file_reader_byte(reader, &opcode)) return false;
        switch (opcode) {
        case RD_FILE_END: return true;
        case RD_FILE_DATABASE: fine = rd_file_reader_length(reader, &loading->database); break;
        case RD_FILE_EXPIRY: fine = take_expiry(loading, 4, 1000); break;
        case RD_FILE_EXPIRY_MS: fine = take_expiry(loading, 8, 1); break;
        case RD_FILE_RESIZE: fine = rd_file_reader_pass_lengths(reader, 2); break;
        case RD_FILE_SLOT_INFO: fine = rd_file_reader_pass_lengths(reader, 3); break;
        case RD_FILE_IDLE: fine = rd_file_reader_pass_lengths(reader, 1); break;
        case RD_FILE_FREQUENCY: fine = rd_file_reader_pass(reader, 1); break;
        case RD_FILE_AUX: fine = rd_file_reader_pass_string(reader) && rd_file_reader_pass_string(reader); break;
        case RD_FILE_MODULE_AUX: fine = rd_file_reader_pass_lengths(reader, 1) && rd_file_reader_pass_module(reader); break;
        case RD_FILE_FUNCTION_2:
            loading->load->counts.functions++;
            fine = rd_file_reader_pass_string(reader);
            break;
        default: fine = load_key(loading, opcode); break;
        }
        if (!fine) return false;
    }
}

static unsigned digits(const char *text, int count) {
    unsigned value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') return 0;
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    return value;
}

/* False: it is none of Redis's, or of a version that is not known. */
static bool read_head(struct loading *loading) {
    char head[RD_FILE_HEAD];
    if (!rd_file_reader_bytes(&loading->reader, head, sizeof head)) return false;
    bool is_of_valkey = memcmp(head, "VALKEY", 6) == 0;
    if (is_of_valkey) loading->version = digits(head + 6, 3);
    else if (memcmp(head, "REDIS", 5) == 0) loading->version = digits(head + 5, 4);
    unsigned most = is_of_valkey ? VERSION_MOST_OF_VALKEY : VERSION_MOST;
    loading->is_foreign = loading->version == 0 || loading->version > most;
    return !loading->is_foreign;
}

/* Zero says that whoever wrote it made none. */
static bool has_right_checksum(struct rd_file_reader *reader, unsigned version) {
    if (version < CHECKSUM_FROM) return true;
    uint64_t own = rd_file_reader_checksum(reader);
    unsigned char raw[8];
    if (!rd_file_reader_bytes(reader, (char *)raw, sizeof raw)) return false;
    uint64_t told = rd_packed_little(raw, 8);
    return told == 0 || told == own;
}

static enum rd_load_outcome outcome_of(struct loading *loading, bool is_whole) {
    const struct rd_file_reader *reader = &loading->reader;
    if (is_whole) return has_right_checksum(&loading->reader, loading->version) ? RD_LOAD_WHOLE : RD_LOAD_DAMAGED;
    if (loading->is_cancelled) return RD_LOAD_CANCELLED;
    if (loading->is_foreign) return RD_LOAD_FOREIGN;
    if (reader->state == RD_READ_DAMAGED) return RD_LOAD_DAMAGED;
    loading->load->error = loading->out_of_memory ? ENOMEM : reader->error;
    return RD_LOAD_FAILED;
}

static void clear(struct rd_store *store) {
    struct rd_shard_set *all = malloc(sizeof *all);
    if (!all) return;
    rd_shard_set_clear(store, all);
    rd_shard_set_fill(store, all);
    if (rd_store_lock_set(store, all)) {
        rd_store_clear(store);
        rd_store_unlock_set(store, all);
    }
    free(all);
}

enum rd_load_outcome rd_load_descriptor(struct rd_load *load, int fd, uint64_t size) {
    uint64_t limit = (uint64_t)rd_setting(load->settings, RD_SET_MAX_MEMORY);
    struct loading loading = {.load = load, .now = rd_unix_ms()};
    rd_file_reader_open(&loading.reader, fd, size, limit && limit < VALUE_MOST ? limit : VALUE_MOST);
    bool is_whole = read_head(&loading) && load_all(&loading);
    enum rd_load_outcome outcome = outcome_of(&loading, is_whole);
    load->offset = size - loading.reader.unread - (loading.reader.end - loading.reader.at);
    if (outcome != RD_LOAD_WHOLE) clear(load->store);
    rd_file_reader_close(&loading.reader);
    rd_shape_scratch_free(&loading.scratch);
    free(loading.unpacked[0]);
    free(loading.unpacked[1]);
    return outcome;
}

enum rd_load_outcome rd_load_file(struct rd_load *load, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        load->error = errno;
        return load->error == ENOENT ? RD_LOAD_NONE : RD_LOAD_FAILED;
    }
    struct stat status = {0};
    bool is_known = fstat(fd, &status) == 0;
    if (!is_known || !S_ISREG(status.st_mode)) {
        load->error = !is_known ? EIO : S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
        close(fd);
        return RD_LOAD_FAILED;
    }
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    enum rd_load_outcome outcome = rd_load_descriptor(load, fd, (uint64_t)status.st_size);
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
    return outcome;
}
