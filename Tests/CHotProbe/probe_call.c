/* This file owns the little that a handler needs around it. */
#include "probe_call.h"

#include <stdlib.h>
#include <string.h>

#include "call/control.h"
#include "call/index.h"
#include "serve/table.h"
#include "connection/conn.h"
#include "probe_store.h"

#define MOST_WORDS 16

struct probe_caller {
    struct rd_store *store;
    struct rd_settings settings;
    struct rd_command_index commands;
    struct rd_control control;
    struct rd_loop *loop;
    struct rd_conn conn;
    struct rd_reply reply;
    char words[256];
    uint64_t purges;
};

/* The server that is asked is the caller itself. */
static void purge(struct rd_server *server) {
    ((struct probe_caller *)(void *)server)->purges++;
}

struct probe_caller *probe_caller_new(struct probe_store *store) {
    struct probe_caller *caller = calloc(1, sizeof *caller);
    struct rd_loop *loop = aligned_alloc(_Alignof(struct rd_loop), sizeof *loop);
    if (!caller || !loop) {
        free(caller);
        free(loop);
        return NULL;
    }
    memset(loop, 0, sizeof *loop);
    rd_settings_init(&caller->settings);
    rd_command_index_init(&caller->commands, rd_command_families);
    caller->store = probe_store_inside(store);
    caller->control = (struct rd_control){.commands = &caller->commands, .server = (void *)caller, .purge = purge};
    loop->settings = &caller->settings;
    loop->store = caller->store;
    loop->control = &caller->control;
    caller->loop = caller->conn.loop = loop;
    caller->conn.protocol = caller->reply.protocol = 2;
    return caller;
}

void probe_caller_free(struct probe_caller *caller) {
    rd_reply_free(&caller->reply);
    rd_shape_scratch_free(&caller->loop->shape_scratch);
    free(caller->loop);
    free(caller);
}

void probe_caller_set_now(struct probe_caller *caller, int64_t now) {
    caller->loop->now_ms = now;
}

static uint32_t split(char *words, struct rd_slice *argv) {
    uint32_t count = 0;
    char *rest = words;
    for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL && count < MOST_WORDS;) {
        argv[count++] = (struct rd_slice){word, strlen(word)};
    }
    return count;
}

struct rd_slice probe_caller_run(struct probe_caller *caller, const char *words) {
    struct rd_slice argv[MOST_WORDS];
    strncpy(caller->words, words, sizeof caller->words - 1);
    struct rd_call call = {
        .loop = caller->loop, .conn = &caller->conn, .store = caller->store, .argv = argv,
        .argc = split(caller->words, argv), .now = caller->loop->now_ms, .reply = &caller->reply,
    };
    struct rd_command_found found = rd_command_find(&caller->commands, argv[0]);
    if (found.row && found.row->flags & RD_CMD_CONTAINER) {
        found = rd_subcommand_find(&caller->commands, found.number, argv[1]);
    }
    call.command = found.row;
    if (!call.command || !call.command->handler) abort();
    if (call.command->flags & RD_CMD_ONE_KEY) {
        call.hash = rd_store_hash(call.store, call.argv[call.command->first_key]);
        call.shard = rd_store_shard(call.store, call.hash);
    }
    rd_reply_truncate(&caller->reply, 0, 0);
    call.command->handler(&call);
    return (struct rd_slice){caller->reply.bytes, caller->reply.length};
}

uint64_t probe_caller_hits(const struct probe_caller *caller) {
    return rd_counter_get(&caller->loop->counters.hits);
}

uint64_t probe_caller_misses(const struct probe_caller *caller) {
    return rd_counter_get(&caller->loop->counters.misses);
}

uint64_t probe_caller_purges(const struct probe_caller *caller) {
    return caller->purges;
}
