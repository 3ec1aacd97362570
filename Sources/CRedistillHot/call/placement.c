/* This file owns deciding where keys are. */
#include "call/placement.h"

#include "connection/conn.h"
#include "store/store.h"

static enum rd_place_of_keys place_of(const struct rd_conn *conn, uint32_t slot) {
    struct rd_loop *loop = conn->loop;
    const struct rd_cluster *cluster = loop->cluster;
    if (!rd_cluster_has(cluster, slot)) {
        if (!conn->asked || rd_cluster_has_lost(cluster, slot, loop->monotonic_ms)) return RD_KEYS_MOVED;
        return rd_clusters_serve_asked(loop, slot) ? RD_KEYS_HERE : RD_KEYS_HELD;
    }
    bool is_held = cluster->holds && rd_slot_set_has(&cluster->held, slot) && rd_strays_are_pending(&loop->store->strays);
    return is_held ? RD_KEYS_HELD : RD_KEYS_HERE;
}

struct rd_placement rd_placement_of(const struct rd_conn *conn, const struct rd_command *command, const struct rd_slice *argv,
                                    uint32_t argc, struct rd_placement before) {
    struct rd_key_range keys = rd_command_keys(command, argv, argc);
    int32_t slot = before.slot;
    for (uint32_t i = 0; i < keys.count; i++) {
        int32_t own = (int32_t)rd_slot_of(argv[rd_key_place(&keys, i)]);
        if (slot >= 0 && own != slot) return (struct rd_placement){RD_KEYS_CROSS_SLOT, own};
        slot = own;
    }
    if (slot < 0) return RD_NO_PLACEMENT;
    return (struct rd_placement){place_of(conn, (uint32_t)slot), slot};
}

bool rd_placement_begins(const struct rd_conn *conn, const struct rd_command *command, const struct rd_slice *argv,
                         uint32_t argc) {
    uint32_t first = (uint32_t)command->first_key;
    if (first == 0 || first >= argc || conn->asking || conn->asked) return true;
    return rd_cluster_has(conn->loop->cluster, rd_slot_of(argv[first]));
}

void rd_placement_refuse(struct rd_reply *reply, const struct rd_conn *conn, struct rd_placement placement) {
    const struct rd_cluster *cluster = conn->loop->cluster;
    if (placement.place == RD_KEYS_CROSS_SLOT) {
        rd_reply_fail(reply, "CROSSSLOT Keys in request don't hash to the same slot");
    } else if (placement.place == RD_KEYS_HELD) {
        rd_reply_fail(reply, "TRYAGAIN What the slot had here before is still being removed");
    } else {
        const struct rd_cluster_node *node = &cluster->nodes[cluster->owners[placement.slot]];
        unsigned port = rd_cluster_port(cluster, node, conn->tls != NULL);
        uint32_t slot = (uint32_t)placement.slot;
        bool may_not_know = rd_cluster_has_lost(cluster, slot, conn->loop->monotonic_ms) && rd_slot_set_has(&cluster->given, slot);
        rd_reply_format_error(reply, "%s %d %s:%u", may_not_know ? "ASK" : "MOVED", placement.slot, node->host, port);
    }
}
