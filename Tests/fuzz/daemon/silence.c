/* This file owns what is told when an answer does not come: both ends of each connection, as they stand. */
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "server/server.h"
#include "execute/transaction.h"
#include "serve/worker.h"
#include "world.h"

static void show_client(const struct client *client) {
    int queued = 0;
    ioctl(client->fd, SIOCOUTQ, &queued);
    fprintf(stderr, "fuzz: client %u waits for %zu answers; %zu bytes unsent, %d unread by the server\n", client->number,
            client->owed_count - client->owed_first, client_unsent(client), queued);
    client_show(client);
}

static const char *const state_names[] = {
    [RD_INPUT_START] = "START", [RD_INPUT_SCAN] = "SCAN", [RD_INPUT_BULK] = "BULK", [RD_INPUT_ROOM] = "ROOM",
    [RD_INPUT_SKIP] = "SKIP", [RD_INPUT_WHOLE] = "WHOLE", [RD_INPUT_HELD] = "HELD",
};

/* The workers run meanwhile; a picture that is a little wrong is better than none. */
static void show_connection(const struct rd_conn *conn) {
    fprintf(stderr, "  connection %llu: output %d, paused %d, closing %d, dead %d, kill %d, waits for write %d, "
            "queued %d, auth hold %u", (unsigned long long)conn->id, conn->output != NULL, conn->paused,
            conn->closing, conn->dead, conn->kill, conn->waits_for_write, conn->queued, (unsigned)conn->auth_hold);
    const struct rd_input *input = conn->input;
    if (input) {
        fprintf(stderr, "; input %s of %zu bytes from %zu, refused %d, discard %llu, in bulk %d of %llu",
                state_names[input->state], input->length, input->start, input->received.refused,
                (unsigned long long)input->discard, input->scan.in_bulk, (unsigned long long)input->scan.bulk_length);
    }
    fprintf(stderr, "\n");
}

_Noreturn void world_complain_of_silence(const struct world *world) {
    for (uint32_t i = 0; i < world->client_count; i++) {
        const struct client *client = &world->clients[i];
        if (client->fd >= 0 && !(client_is_quits(client) && client_unsent(client) == 0)) show_client(client);
    }
    for (uint32_t i = 0; i < world->server->worker_count; i++) {
        const struct rd_worker *worker = &world->server->workers[i];
        fprintf(stderr, "worker %u: %u ready\n", i, worker->loop.ready_count);
        for (const struct rd_conn *conn = worker->loop.connections; conn; conn = conn->next) show_connection(conn);
    }
    world_complain("no answer", 0, 0);
}
