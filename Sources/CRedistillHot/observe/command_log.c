/* This file owns the entries of the command logs. */
#include "observe/command_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "connection/conn.h"
#include "connection/received.h"
#include "observe/observer.h"
#include "observe/redact.h"

/* Which settings a log follows. */
static const struct rule {
    enum rd_setting threshold, most;
} rules[RD_LOG_KINDS] = {
    [RD_LOG_SLOW] = {RD_SET_SLOWLOG_SLOWER_THAN, RD_SET_SLOWLOG_MAX_LEN},
    [RD_LOG_LARGE_REQUEST] = {RD_SET_LARGE_REQUEST, RD_SET_LARGE_REQUEST_MAX_LEN},
    [RD_LOG_LARGE_REPLY] = {RD_SET_LARGE_REPLY, RD_SET_LARGE_REPLY_MAX_LEN},
};

#define NOTE_BYTES 64

/* What is shown of an argument: some of its bytes, then a note. */
struct shown {
    struct rd_slice kept;
    size_t note_length;
    char note[NOTE_BYTES];
};

static __attribute__((format(printf, 2, 3))) void note(struct shown *shown, const char *format, ...) {
    va_list values;
    va_start(values, format);
    shown->note_length = (size_t)vsnprintf(shown->note, NOTE_BYTES, format, values);
    va_end(values);
}

/* Of argument i, when so many arguments are shown, and so many bytes of each. */
static struct shown show(const struct rd_logged *logged, uint32_t most_args, size_t most_bytes, uint32_t i) {
    struct rd_slice argument = logged->argv[i];
    struct shown shown = {.note_length = 0};
    if (logged->argc > most_args && i == most_args - 1) {
        note(&shown, "... (%u more arguments)", logged->argc - most_args + 1);
    } else if (rd_argument_is_secret(logged->command, logged->argv, i)) {
        note(&shown, "(redacted)");
    } else if (rd_received_place(logged->received, i) == RD_TAKEN) {
        /* The command has taken it over, and another one may have freed it since. */
        note(&shown, "... (%zu bytes)", argument.length);
    } else if (argument.length <= most_bytes) {
        shown.kept = argument;
    } else {
        shown.kept = (struct rd_slice){argument.bytes, most_bytes};
        note(&shown, "... (%zu more bytes)", argument.length - most_bytes);
    }
    return shown;
}

static char *append(char *end, const char *bytes, size_t length) {
    if (length) memcpy(end, bytes, length);
    return end + length;
}

/* NULL when memory is out. */
static struct rd_log_entry *make_entry(const struct rd_settings *settings, const struct rd_logged *logged) {
    uint32_t most_args = (uint32_t)rd_setting(settings, RD_SET_SLOWLOG_ENTRY_ARGS);
    size_t most_bytes = (size_t)rd_setting(settings, RD_SET_SLOWLOG_ENTRY_BYTES);
    uint32_t count = logged->argc < most_args ? logged->argc : most_args;
    char peer[RD_ADDRESS_SIZE];
    rd_conn_peer(logged->conn, peer, sizeof peer);
    const char *name = logged->conn->info && logged->conn->info->name ? logged->conn->info->name : "";
    size_t peer_size = strlen(peer) + 1, name_size = strlen(name) + 1, bytes = peer_size + name_size;
    for (uint32_t i = 0; i < count; i++) {
        struct shown shown = show(logged, most_args, most_bytes, i);
        bytes += shown.kept.length + shown.note_length;
    }
    struct rd_log_entry *entry = malloc(sizeof *entry + count * sizeof entry->argv[0] + bytes);
    if (!entry) return NULL;
    *entry = (struct rd_log_entry){.argc = count};
    char *end = (char *)&entry->argv[count];
    entry->peer = end;
    end = append(end, peer, peer_size);
    entry->name = end;
    end = append(end, name, name_size);
    for (uint32_t i = 0; i < count; i++) {
        struct shown shown = show(logged, most_args, most_bytes, i);
        entry->argv[i] = (struct rd_slice){end, shown.kept.length + shown.note_length};
        end = append(end, shown.kept.bytes, shown.kept.length);
        end = append(end, shown.note, shown.note_length);
    }
    return entry;
}

static void drop_oldest(struct rd_command_log *log) {
    struct rd_log_entry *entry = log->oldest;
    log->oldest = entry->newer;
    if (log->oldest) log->oldest->older = NULL;
    else log->newest = NULL;
    log->count--;
    free(entry);
}

void rd_command_log_tell(const struct rd_observer *observer, enum rd_command_log_kind kind,
                         const struct rd_logged *logged, int64_t value) {
    const struct rd_settings *settings = observer->loop->settings;
    struct rd_command_log *log = &observer->all->logs[kind];
    uint32_t most = (uint32_t)rd_setting(settings, rules[kind].most);
    if (value < rd_setting(settings, rules[kind].threshold) || most == 0) return;
    struct rd_log_entry *entry = make_entry(settings, logged);
    if (!entry) return;
    entry->value = value;
    entry->unix_s = observer->loop->now_ms / 1000;
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

void rd_command_log_clear(struct rd_command_log *log) {
    rd_lock_acquire(&log->lock);
    while (log->oldest) drop_oldest(log);
    rd_lock_release(&log->lock);
}
