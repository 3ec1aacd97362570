/*
 * This file owns the test of a store that a crash has left damaged: bytes of it are changed at random, most of them where they
 * lead to others. The next process must neither end nor hang, nor take much more memory; what it has of the keys is what
 * was in them, but for values in which bytes were changed; and only keys of shards that it calls lost are missing.
 *
 *     store_damaged [times [seed]]
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kept_keys.h"

#define EXTENTS_MOST 65536u
#define SECONDS_MOST 20
/* What looking at damaged memory may make resident of it. */
#define GROWTH_MOST (256ull << 20)

struct extent {
    uint64_t at, length;
    char *bytes;
};

/* What a crash has left, before it is damaged. */
struct left {
    uint64_t size;
    struct extent extents[EXTENTS_MOST];
    uint32_t count;
    char *base;
    struct rd_store *store; /* its addresses are those in the extents */
    uint64_t *headers;      /* offsets of the headers of blobs, and of entries */
    uint32_t header_count;
};

static struct left left;
static uint64_t random_state;

static uint64_t next_random(void) {
    uint64_t x = random_state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return random_state = x;
}

static uint64_t offset_of(const void *at) {
    return (uint64_t)((const char *)at - left.base);
}

static void note(void *context, struct rd_blob *blob) {
    (void)context;
    left.headers[left.header_count++] = offset_of(blob);
}

static void note_headers(struct rd_store *store) {
    left.headers = malloc(sizeof *left.headers * 400000);
    REQUIRE(left.headers);
    for (uint32_t number = 0; number < KEYS; number++) {
        struct place place;
        look(store, number, &place);
        rd_shard_unlock(place.shard);
        struct rd_entry *entry = place.found.entry;
        left.headers[left.header_count++] = offset_of(entry);
        if (rd_entry_key_blob(entry)) note(NULL, rd_entry_key_blob(entry));
        if (rd_entry_value_blob(entry)) note(NULL, rd_entry_value_blob(entry));
        if (rd_entry_root(entry)) left.headers[left.header_count++] = offset_of(rd_entry_value_blob(entry)->bytes);
        if (rd_entry_root(entry)) rd_shapes.each_node(rd_entry_value_blob(entry), note, NULL);
    }
}

static void take_extents(int fd) {
    struct stat status;
    REQUIRE(fstat(fd, &status) == 0);
    left.size = (uint64_t)status.st_size;
    off_t at = 0;
    while ((at = lseek(fd, at, SEEK_DATA)) >= 0) {
        off_t end = lseek(fd, at, SEEK_HOLE);
        struct extent *extent = &left.extents[left.count++];
        REQUIRE(left.count < EXTENTS_MOST);
        *extent = (struct extent){(uint64_t)at, (uint64_t)(end - at), malloc((size_t)(end - at))};
        REQUIRE(extent->bytes && pread(fd, extent->bytes, extent->length, at) == (ssize_t)extent->length);
        at = end;
    }
}

static void leave(void) {
    struct rd_store_options options = usual();
    struct rd_keep keep = {.fd = -1, .fingerprint = FINGERPRINT, .after_crash = true, .any_shards = true};
    struct rd_store *store;
    REQUIRE(rd_store_open(&options, &keep, &store) == RD_OK);
    rd_store_guard(store, &keep);
    for (uint32_t number = 0; number < KEYS; number++) put(store, number, 1);
    left.base = (char *)store->pool.region;
    left.store = store;
    note_headers(store);
    take_extents(rd_store_descriptor(store));
    rd_store_close(store);
}

static void *taken_at(uint64_t offset) {
    for (uint32_t i = 0; i < left.count; i++) {
        const struct extent *extent = &left.extents[i];
        if (offset >= extent->at && offset - extent->at < extent->length) return extent->bytes + (offset - extent->at);
    }
    REQUIRE(!"resident");
    return NULL;
}

/* Where something is to be changed. */
static uint64_t choose(void) {
    const struct rd_store *store = taken_at(offset_of(left.store));
    const struct extent *extent = &left.extents[next_random() % left.count];
    switch (next_random() % 8) {
    case 0: return offset_of(left.store) + next_random() % sizeof(struct rd_store);
    case 1:
    case 2:
    case 3: return offset_of(store->shards) + next_random() % (store->shard_count * sizeof *store->shards);
    case 4:
    case 5: return left.headers[next_random() % left.header_count] + next_random() % 64;
    default: return extent->at + next_random() % extent->length;
    }
}

/* Says what it did, so that it can be found again. */
static void change(int fd, char *said, size_t room) {
    uint64_t at = choose(), had, has;
    unsigned kind = next_random() % 4;
    size_t length = kind == 0 || kind == 1 ? 1 : kind == 2 ? 8 : 4;
    at &= ~(uint64_t)(length - 1);
    REQUIRE(pread(fd, &had, sizeof had, (off_t)at) == sizeof had);
    has = had;
    switch (kind) {
    case 0: has ^= 1ull << next_random() % 8; break;
    case 1: has ^= 0xff & next_random(); break;
    case 2: { /* of another place, as a pointer that leads elsewhere */
        REQUIRE(pread(fd, &has, sizeof has, (off_t)(choose() & ~7ull)) == sizeof has);
        break;
    }
    default: has = had ^ 1ull << next_random() % 32; break;
    }
    REQUIRE(pwrite(fd, &has, length, (off_t)at) == (ssize_t)length);
    snprintf(said, room, "%zu bytes at %llx: %llx -> %llx", length, (unsigned long long)at, (unsigned long long)had,
             (unsigned long long)has);
}

static int damaged(uint32_t changes, char *said, size_t room) {
    int fd = memfd_create("damaged", MFD_CLOEXEC);
    REQUIRE(fd >= 0 && ftruncate(fd, (off_t)left.size) == 0);
    for (uint32_t i = 0; i < left.count; i++) {
        const struct extent *extent = &left.extents[i];
        REQUIRE(pwrite(fd, extent->bytes, extent->length, (off_t)extent->at) == (ssize_t)extent->length);
    }
    for (uint32_t i = 0; i < changes; i++) change(fd, said, room);
    return fd;
}

static void has_own_name(void *shard, uint32_t reference) {
    struct rd_slice key = rd_entry_key(rd_shard_entry(shard, reference));
    REQUIRE_WITH(key.length >= 8 && memcmp(key.bytes, "key-", 4) == 0, " a key of %zu bytes that nobody wrote", key.length);
}

static void has_no_other_keys(struct rd_store *store) {
    for (uint32_t i = 0; i < store->shard_count; i++) {
        uint32_t space = 0, cursor = 0;
        do {
            do cursor = rd_table_scan(rd_shard_table(&store->shards[i], space), cursor, has_own_name, &store->shards[i]);
            while (cursor);
        } while ((space = rd_shard_space_after(&store->shards[i], space)));
    }
}

static _Noreturn void open_it(int fd, uint32_t changes) {
    struct rd_store_options options = usual();
    options.shards = 16;
    struct rd_keep keep = {.fd = fd, .fingerprint = FINGERPRINT, .after_crash = true};
    struct rd_store *store;
    REQUIRE(rd_store_open(&options, &keep, &store) == RD_OK);
    REQUIRE(rd_store_check(store));
    if (!keep.adopted) _exit(0);
    has_no_other_keys(store);
    uint32_t missing[8] = {0}, wrong = 0;
    for (uint32_t number = 0; number < KEYS; number++) {
        struct place place;
        look(store, number, &place);
        if (!place.found.entry) missing[place.hash >> 61]++;
        if (place.found.entry && type_of(number) == RD_VALUE_STRING) {
            size_t length;
            char *bytes = value_of(number, 1, &length);
            struct rd_slice value = rd_entry_value(place.found.entry);
            wrong += value.length != length || memcmp(value.bytes, bytes, length) != 0;
            free(bytes);
        }
        rd_shard_unlock(place.shard);
    }
    uint32_t shards = 0;
    for (uint32_t i = 0; i < 8; i++) shards += missing[i] != 0;
    REQUIRE_WITH(shards <= keep.recovery.lost_shards, " %u shards miss keys", shards);
    REQUIRE_WITH(wrong <= changes * 2, " %u values are wrong", wrong);
    for (uint32_t i = 0; i < store->shard_count; i++) (void)rd_shard_clear(&store->shards[i]);
    rd_flush_finish(store);
    REQUIRE(rd_blobs_bytes(&store->blobs) == 0);
    rd_store_close(store);
    _exit(0);
}

static uint64_t resident(int fd) {
    struct stat status;
    REQUIRE(fstat(fd, &status) == 0);
    return (uint64_t)status.st_blocks * 512;
}

/* What became of it; NULL: all is well. */
static const char *try(int fd, uint32_t changes) {
    uint64_t most = resident(fd) + GROWTH_MOST;
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) open_it(fcntl(fd, F_DUPFD_CLOEXEC, 3), changes);
    const char *why = NULL;
    for (uint32_t waited = 0;; waited++) {
        int status;
        pid_t ended = waitpid(child, &status, WNOHANG);
        REQUIRE(ended >= 0);
        if (ended) return why ? why : WIFEXITED(status) && WEXITSTATUS(status) == 0 ? NULL : "it ended";
        if (!why && waited > SECONDS_MOST * 1000) why = "it hangs";
        if (!why && resident(fd) > most) why = "it takes memory";
        if (why) kill(child, SIGKILL);
        usleep(1000);
    }
}

int main(int argc, char **argv) {
    uint32_t times = argc > 1 ? (uint32_t)atoi(argv[1]) : 100, failed = 0;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    leave();
    for (uint64_t time = seed; time < seed + times; time++) {
        char said[256];
        random_state = time * 0x9e3779b97f4a7c15u | 1;
        for (int i = 0; i < 8; i++) next_random();
        uint32_t changes = time % 3 ? 1 : 1 + (uint32_t)(next_random() % 8);
        int fd = damaged(changes, said, sizeof said);
        const char *why = try(fd, changes);
        close(fd);
        if (!why) continue;
        failed++;
        fprintf(stderr, "store_damaged 1 %llu: %s, after %u changes, the last: %s\n", (unsigned long long)time, why, changes, said);
    }
    printf("store_damaged: %u times, failed %u times\n", times, failed);
    rd_shape_scratch_free(&scratch);
    return failed != 0;
}
