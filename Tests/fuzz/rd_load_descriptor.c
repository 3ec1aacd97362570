/*
 * Fuzzes rd_load_descriptor: whatever a file of Redis's holds, or pretends to, loading ends, the store is sound, and of a
 * file that is not whole nothing stays. The head is made right mostly, so that what is behind it is tried.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shape/shape.h"
#include "snapshot/load.h"
#include "snapshot/opcode.h"

static void require(bool holds) {
    if (!holds) abort();
}

static int file_of(const uint8_t *data, size_t size) {
    int fd = memfd_create("rdb", MFD_CLOEXEC);
    require(fd >= 0);
    /* An input that begins with a digit says by it which head it has; without a checksum, which would never be right. */
    static const char *const heads[] = {"REDIS0012", "REDIS0003", "VALKEY080", "REDIS0010"};
    if (size > 0 && data[0] >= '0' && data[0] <= '3') {
        require(write(fd, heads[data[0] - '0'], RD_FILE_HEAD) == RD_FILE_HEAD);
        require(write(fd, data + 1, size - 1) == (ssize_t)size - 1);
        static const char end[9] = {(char)RD_FILE_END};
        require(write(fd, end, sizeof end) == sizeof end);
    } else {
        require(write(fd, data, size) == (ssize_t)size);
    }
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct rd_hash_seed seed = {1, 2};
    struct rd_store_options options = {
        .shards = 2, .limit = 8u << 20, .reserve = 64u << 20, .seed = &seed, .databases = 4, .shapes = &rd_shapes};
    static struct rd_store store;
    static struct rd_settings settings;
    rd_settings_init(&settings);
    atomic_store(&settings.values[RD_SET_MAX_MEMORY], 8 << 20);
    atomic_store(&settings.values[RD_SET_MAX_BULK_LENGTH], 64 << 10);
    require(rd_store_init(&store, &options) == RD_OK);
    _Atomic bool cancelled = false;
    _Atomic uint64_t done = 0;
    struct rd_load load = {.store = &store, .settings = &settings, .cancelled = &cancelled, .done = &done};
    int fd = file_of(data, size);
    uint64_t length = (uint64_t)lseek(fd, 0, SEEK_END);
    require(lseek(fd, 0, SEEK_SET) == 0);
    enum rd_load_outcome outcome = rd_load_descriptor(&load, fd, length);
    require(load.offset <= length && rd_store_check(&store));
    uint64_t keys = 0;
    for (uint32_t i = 0; i < options.databases; i++) keys += rd_store_keys(&store, i);
    require(outcome == RD_LOAD_WHOLE ? keys <= load.counts.keys : keys == 0);
    close(fd);
    rd_store_clear(&store);
    rd_flush_finish(&store);
    require(rd_blobs_bytes(&store.blobs) == 0);
    rd_store_destroy(&store);
    return 0;
}
