/* This file owns the entries of the slow log. */
#include "observe/slowlog.h"

#include <stdio.h>
#include <stdlib.h>

#include "connection/received.h"
#include "observe/redact.h"

/* Redis's: arguments kept, and bytes of each. */
#define MOST_ARGS 32
#define MOST_BYTES 128
#define NOTE_BYTES 64

/* What is shown of argument i, in at most MOST_BYTES + NOTE_BYTES bytes at out. */
static size_t show(char *out, const struct rd_command *command, const struct rd_slice *argv, uint32_t argc,
                   const struct rd_received *received, uint32_t i) {
    struct rd_slice argument = argv[i];
    if (argc > MOST_ARGS && i == MOST_ARGS - 1) {
        return (size_t)snprintf(out, NOTE_BYTES, "... (%u more arguments)", argc - MOST_ARGS + 1);
    }
    if (rd_argument_is_secret(command, argv, i)) return (size_t)snprintf(out, NOTE_BYTES, "(redacted)");
    /* The command has taken it over, and another one may have freed it since. */
    if (rd_received_place(received, i) == RD_TAKEN) {
        return (size_t)snprintf(out, NOTE_BYTES, "... (%zu bytes)", argument.length);
    }
    size_t kept = argument.length < MOST_BYTES ? argument.length : MOST_BYTES;
    memcpy(out, argument.bytes, kept);
    if (kept == argument.length) return kept;
    return kept + (size_t)snprintf(out + kept, NOTE_BYTES, "... (%zu more bytes)", argument.length - kept);
}

static void drop_oldest(struct rd_slowlog *log) {
    struct rd_slow_entry *entry = log->oldest;
    log->oldest = entry->newer;
    if (log->oldest) log->oldest->older = NULL;
    else log->newest = NULL;
    log->count--;
    free(entry);
}

void rd_slowlog_add(struct rd_slowlog *log, uint32_t most, const struct rd_command *command,
                    const struct rd_slice *argv, uint32_t argc, const struct rd_received *received, int64_t us,
                    int64_t unix_s, const char *peer, const char *name) {
    uint32_t shown = argc < MOST_ARGS ? argc : MOST_ARGS;
    char text[MOST_ARGS * (MOST_BYTES + NOTE_BYTES)];
    size_t lengths[MOST_ARGS], used = 0;
    for (uint32_t i = 0; i < shown; i++) {
        lengths[i] = show(text + used, command, argv, argc, received, i);
        used += lengths[i];
    }
    size_t peer_size = strlen(peer) + 1, name_size = strlen(name) + 1;
    struct rd_slow_entry *entry = malloc(sizeof *entry + shown * sizeof entry->argv[0] + used + peer_size + name_size);
    if (!entry) return;
    char *bytes = (char *)&entry->argv[shown];
    *entry = (struct rd_slow_entry){.unix_s = unix_s, .us = us, .argc = shown};
    memcpy(bytes, text, used);
    for (uint32_t i = 0; i < shown; i++) {
        entry->argv[i] = (struct rd_slice){bytes, lengths[i]};
        bytes += lengths[i];
    }
    entry->peer = memcpy(bytes, peer, peer_size);
    entry->name = memcpy(bytes + peer_size, name, name_size);
    rd_lock_acquire(&log->lock);
    entry->id = log->next_id++;
    entry->older = log->newest;
    if (log->newest) log->newest->newer = entry;
    else log->oldest = entry;
    log->newest = entry;
    log->count++;
    while (log->oldest && log->count > most) drop_oldest(log);
    rd_lock_release(&log->lock);
}

void rd_slowlog_clear(struct rd_slowlog *log) {
    rd_lock_acquire(&log->lock);
    while (log->oldest) drop_oldest(log);
    rd_lock_release(&log->lock);
}
