/* This file owns what the report of a crash says of the server: the last commands of each worker. */
#include <stddef.h>

#include "base/crash.h"
#include "call/command.h"
#include "server/server.h"

static void put_command(struct rd_crash_text *text, const struct rd_command *command) {
    rd_crash_put(text, " ");
    rd_crash_put(text, command ? command->name : "none");
}

/*
 * They are read while other workers go on, and by a thread in which something is broken. Of its own worker each
 * connection of the group under way is asked, one of which ran it.
 */
static void put_workers(const struct rd_crash_tail *tail, struct rd_crash_text *text) {
    const struct rd_server *server = (const void *)((const char *)tail - offsetof(struct rd_server, crash_tail));
    for (uint32_t i = 0; i < server->worker_count; i++) {
        const struct rd_worker *worker = &server->workers[i];
        bool is_own = pthread_equal(worker->thread, pthread_self());
        rd_crash_put(text, "worker ");
        rd_crash_put_number(text, i, 10);
        rd_crash_put(text, is_own ? " (this thread), last commands:" : ", last command:");
        if (!is_own || worker->group_count == 0) {
            put_command(text, atomic_load_explicit(&worker->last_command, memory_order_relaxed));
        }
        for (uint32_t j = 0; is_own && j < worker->group_count; j++) {
            put_command(text, atomic_load_explicit(&worker->group[j].conn->last_command, memory_order_relaxed));
        }
        rd_crash_put(text, "\n");
        rd_crash_flush(text);
    }
}

void rd_server_tell_crash(struct rd_server *server) {
    server->crash_tail.put = put_workers;
    atomic_store(&server->setup.crash->tail, &server->crash_tail);
}
