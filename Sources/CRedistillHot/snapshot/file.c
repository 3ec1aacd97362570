/* This file owns the new file that a snapshot is written to. */
#include "snapshot/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include "resp/rdb.h"

#define BUFFER (256u << 10)
/* Room that is given in one piece, at most. */
#define ROOM (64u << 10)
/* Started on its way to the disk at once; the piece before has arrived by then, or is waited for. */
#define PIECE (4u << 20)
#define SUFFIX ".snapshot"

static bool fail(struct rd_snapshot_file *file, const char *what) {
    if (!file->error) {
        file->error = errno ? errno : EIO;
        file->what = what;
    }
    return false;
}

/* The directory of a path, as text for the caller to free, and the name in it; NULL: memory is out. */
static char *directory_of(const char *path, const char **name) {
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    if (!slash) return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* Whoever writes a file holds its lock. */
static void sweep_one(int directory, const char *name) {
    int fd = openat(directory, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) unlinkat(directory, name, 0);
    close(fd);
}

/* "dump.rdb.0123456789abcdef.snapshot" of "dump.rdb". */
static bool is_of(const char *entry, const char *name) {
    size_t length = strlen(name), whole = length + 1 + 16 + strlen(SUFFIX);
    if (strlen(entry) != whole || memcmp(entry, name, length) != 0 || entry[length] != '.') return false;
    return strspn(entry + length + 1, "0123456789abcdef") == 16 && strcmp(entry + length + 17, SUFFIX) == 0;
}

void rd_snapshot_file_sweep(const char *path) {
    const char *name;
    char *directory = directory_of(path, &name);
    DIR *entries = directory ? opendir(directory) : NULL;
    free(directory);
    if (!entries) return;
    int descriptor = dirfd(entries);
    for (struct dirent *entry; descriptor >= 0 && (entry = readdir(entries));) {
        if (is_of(entry->d_name, name)) sweep_one(descriptor, entry->d_name);
    }
    closedir(entries);
}

bool rd_snapshot_file_open(struct rd_snapshot_file *file, const char *path) {
    *file = (struct rd_snapshot_file){.fd = -1};
    rd_snapshot_file_sweep(path);
    uint64_t drawn;
    if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn) return fail(file, "getrandom");
    file->buffer = malloc(BUFFER + ROOM);
    if (!file->buffer || asprintf(&file->path, "%s.%016llx" SUFFIX, path, (unsigned long long)drawn) < 0) {
        file->path = NULL;
        errno = ENOMEM;
        return fail(file, "malloc");
    }
    file->fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file->fd < 0) return fail(file, "open");
    return flock(file->fd, LOCK_EX | LOCK_NB) == 0 || fail(file, "flock");
}

/* The piece that is full goes on its way; the one before is on the disk then, and nobody will read it soon. */
static void send_off(struct rd_snapshot_file *file) {
    if (file->written - file->started < PIECE) return;
    off_t start = (off_t)file->started, length = (off_t)(file->written - file->started);
    (void)sync_file_range(file->fd, start, length, SYNC_FILE_RANGE_WRITE);
    if (start > 0) {
        (void)sync_file_range(file->fd, 0, start, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
        (void)posix_fadvise(file->fd, 0, start, POSIX_FADV_DONTNEED);
    }
    file->started = file->written;
}

static void write_out(struct rd_snapshot_file *file, const char *bytes, size_t length) {
    if (file->error) return;
    file->checksum = rd_rdb_checksum(file->checksum, bytes, length);
    while (length > 0) {
        ssize_t count = write(file->fd, bytes, length);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            (void)fail(file, "write");
            return;
        }
        bytes += count;
        length -= (size_t)count;
        file->written += (uint64_t)count;
    }
    send_off(file);
}

void rd_snapshot_flush(struct rd_snapshot_file *file) {
    write_out(file, file->buffer, file->used);
    file->used = 0;
}

/* Room for so many bytes, ROOM at most, behind what is there; then `used` is to be moved. Never NULL. */
static char *room_for(struct rd_snapshot_file *file, size_t length) {
    if (file->used + length > BUFFER + ROOM || file->used >= BUFFER) rd_snapshot_flush(file);
    return file->buffer + file->used;
}

void rd_snapshot_put(struct rd_snapshot_file *file, const char *bytes, size_t length) {
    while (length > 0) {
        size_t piece = length < ROOM ? length : ROOM;
        memcpy(room_for(file, piece), bytes, piece);
        file->used += piece;
        bytes += piece;
        length -= piece;
    }
}

void rd_snapshot_put_byte(struct rd_snapshot_file *file, unsigned byte) {
    *room_for(file, 1) = (char)byte;
    file->used++;
}

void rd_snapshot_put_eight(struct rd_snapshot_file *file, uint64_t value) {
    (void)rd_rdb_put_little(room_for(file, 8), value, 8);
    file->used += 8;
}

void rd_snapshot_put_length(struct rd_snapshot_file *file, uint64_t length) {
    char *at = room_for(file, RD_RDB_LENGTH_MOST);
    file->used += (size_t)(rd_rdb_put_length(at, length) - at);
}

void rd_snapshot_put_text(struct rd_snapshot_file *file, struct rd_slice text) {
    if (text.length > ROOM - RD_RDB_STRING_OVERHEAD) {
        rd_snapshot_put_length(file, text.length);
        rd_snapshot_put(file, text.bytes, text.length);
        return;
    }
    char *at = room_for(file, text.length + RD_RDB_STRING_OVERHEAD);
    file->used += (size_t)(rd_rdb_put_plain(at, text) - at);
}

static bool sync_directory(struct rd_snapshot_file *file, const char *path) {
    const char *name;
    char *directory = directory_of(path, &name);
    int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(directory);
    if (fd < 0) return fail(file, "open of the directory");
    /* Some file systems have nothing to sync in a directory, and say so. */
    bool fine = fsync(fd) == 0 || errno == EINVAL || fail(file, "fsync of the directory");
    close(fd);
    return fine;
}

bool rd_snapshot_file_settle(struct rd_snapshot_file *file, const char *path) {
    rd_snapshot_flush(file);
    if (file->error) return false;
    if (fsync(file->fd) != 0) return fail(file, "fsync");
    if (rename(file->path, path) != 0) return fail(file, "rename");
    free(file->path);
    file->path = NULL;
    (void)posix_fadvise(file->fd, 0, 0, POSIX_FADV_DONTNEED);
    return sync_directory(file, path);
}

void rd_snapshot_file_drop(struct rd_snapshot_file *file) {
    if (file->path && file->fd >= 0) unlink(file->path);
    if (file->fd >= 0) close(file->fd);
    file->fd = -1;
    free(file->path);
    free(file->buffer);
    file->path = NULL;
    file->buffer = NULL;
}
