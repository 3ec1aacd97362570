/* This file owns what the control plane is told of the slow log. */
#include <stdio.h>
#include <string.h>

#include "server/server.h"

/* Entries looked at, while workers that have a slow command wait. */
#define MOST_LOOKED_AT 1024

static void describe(const struct rd_command_index *commands, const struct rd_log_entry *entry,
                     struct rd_slow_command *slow) {
    const struct rd_command *command = rd_command_named(commands, entry->argv, entry->argc).row;
    *slow = (struct rd_slow_command){
        .id = entry->id, .us = entry->value, .unix_s = entry->unix_s, .command = command ? command->name : ""};
    snprintf(slow->peer, sizeof slow->peer, "%s", entry->peer);
    snprintf(slow->client, sizeof slow->client, "%s", entry->name);
    if (!command || command->first_key <= 0 || (uint32_t)command->first_key >= entry->argc) return;
    struct rd_slice key = entry->argv[command->first_key];
    slow->key_length = key.length < sizeof slow->key ? key.length : sizeof slow->key;
    memcpy(slow->key, key.bytes, slow->key_length);
}

size_t rd_server_slow_commands(struct rd_server *server, struct rd_slow_command *slow, size_t capacity) {
    struct rd_command_log *log = &server->observers.logs[RD_LOG_SLOW];
    size_t count = 0;
    rd_lock_acquire(&log->lock);
    const struct rd_log_entry *entry = capacity ? log->newest : NULL;
    for (uint32_t looked_at = 0; entry && looked_at < MOST_LOOKED_AT; entry = entry->older, looked_at++) {
        if (count == capacity && slow[count - 1].us >= entry->value) continue;
        size_t place = count < capacity ? count++ : count - 1;
        for (; place > 0 && slow[place - 1].us < entry->value; place--) slow[place] = slow[place - 1];
        describe(&server->commands, entry, &slow[place]);
    }
    rd_lock_release(&log->lock);
    return count;
}
