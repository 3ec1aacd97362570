/* This file owns what the control plane asks of snapshots. */
#include "server/server.h"

void rd_server_snapshot_facts(const struct rd_server *server, struct rd_snapshot_facts *facts) {
    *facts = (struct rd_snapshot_facts){0};
    if (server->snapshots.path) rd_snapshots_facts(&server->snapshots, facts);
}

enum rd_status rd_server_save(struct rd_server *server) {
    return server->snapshots.path ? rd_snapshots_begin(&server->snapshots) : RD_ERR_STATE;
}
