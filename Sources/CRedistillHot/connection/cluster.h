/*
 * This file owns the map of a cluster: which node each slot is of. The control plane makes it of a static list; there is no
 * talk among nodes. A map is immutable, and whoever uses one holds a reference, each loop to the one that it serves by: so
 * a batch is of one map, and nothing is read that others write.
 *
 * When another takes its place, slots change hands one loop after the other. Keys of slots that this node has lost are
 * strays (store/strays.h) as soon as every loop knows; a slot that comes back before they are gone is held until they are.
 *
 * Nodes change their maps one after the other. Of a slot that goes from one old node to another, the first may know before
 * the second does, and each would send clients to the other. So who has lost a slot to a node that it knew sends them there
 * to ask for a while (-ASK), and a node serves, to whoever has said ASKING, slots that it does not have yet; not those that it
 * has just given up itself, since it knows better then. What it has served so is kept for as long as others send there: then
 * its map has the slot, or the change was taken back.
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#ask-redirection
 */
#ifndef RD_CLUSTER_H
#define RD_CLUSTER_H

#include <stdatomic.h>

#include "base/lock.h"
#include "base/slot.h"
#include "redistill_cluster.h"

struct rd_loop;
struct rd_shared;
struct rd_store;

/* Slots that lie together and have the same node, both ends included. */
struct rd_slot_range {
    uint16_t first, last;
};

struct rd_cluster_node {
    char *host; /* owned, terminated */
    uint16_t port;
    char id[RD_CLUSTER_ID + 1];
    uint32_t range_count;
    struct rd_slot_range *ranges; /* its own, in order; the map's */
};

/* How long nodes have for a change of their maps. After it clients are told for good where a slot is. */
#define RD_CLUSTER_ASK_MS 60000

struct rd_cluster {
    _Atomic uint32_t references;
    uint32_t node_count;
    int32_t own;              /* the node that this server is; -1: none of them, so that no slot is its own */
    uint32_t own_count;       /* slots that are its */
    bool holds;               /* there is one in: */
    struct rd_slot_set held;  /* of its own, those that must not be served while there are strays */
    struct rd_slot_set lost;  /* not its own any more, for a short time: nobody is served these, asking or not */
    struct rd_slot_set given; /* of these, those of a node that may not know yet: clients are sent there to ask */
    int64_t ask_until_ms;     /* monotonic, the end of that time */
    uint16_t tls_port;        /* of each node, for who has come by TLS; 0: the same as for others */
    struct rd_cluster_node self;   /* that node, or what this server would be */
    struct rd_cluster_node *nodes; /* owned */
    struct rd_slot_range *ranges;  /* owned: those of each node together, so that none is searched for in all slots */
    uint16_t owners[RD_SLOTS];     /* numbers of nodes */
};

/* What all loops share of it. */
struct rd_clusters {
    struct rd_lock lock;        /* guards what follows; the strays' is taken inside */
    struct rd_cluster *current; /* a reference; NULL: there is no cluster, and never will be once loops run */
    uint32_t generation;        /* of it */
    uint32_t awaited;           /* loops that have not taken it yet */
    bool is_loading;            /* keys of any slot come into the store otherwise than by commands */
    struct rd_slot_set asked;   /* not its own by the current map, but served to who has said ASKING */
    struct rd_slot_set late;    /* likewise by the map before, from loops that did not know its end */
    _Atomic int64_t asked_until_ms; /* monotonic, when those that were asked for are strays; 0: there are none. Any thread reads */
};

/* A map of these, whose reference is the caller's; NULL when memory is out, or RD_CLUSTER_NODES_MOST are exceeded. */
struct rd_cluster *rd_cluster_new(const struct rd_cluster_options *options);
void rd_cluster_release(struct rd_cluster *cluster);

/*
 * Puts a map in the place of the one before, and takes over its reference. The loops take it when they look after their
 * inboxes; those that do not run yet, at once. RD_ERR_STATE, with the reference still the caller's: they run without one.
 */
RD_MUST_USE enum rd_status rd_clusters_replace(struct rd_shared *shared, struct rd_store *store, struct rd_cluster *cluster,
                                               bool are_running);
/* How many slots are this server's; 0 also where there is no cluster. Any thread. */
uint32_t rd_clusters_own_slots(struct rd_clusters *clusters);
/*
 * Keys come into the store otherwise than by commands, from now on, and until the second of these: strays stay until then,
 * or a slot that goes and comes back meanwhile would bring what was loaded of it. Those that are another node's are strays.
 */
void rd_clusters_begin_load(struct rd_shared *shared, struct rd_store *store);
void rd_clusters_end_load(struct rd_shared *shared, struct rd_store *store);
/* On the loop's thread, between batches: serves by the current map from now on. */
void rd_clusters_take(struct rd_loop *loop);

/*
 * A key of another node's slot is served, since its client has said ASKING: it stays if the next map has the slot as this
 * node's and comes in time, else it is a stray. False: what the slot had before is still to go. The loop's thread.
 */
bool rd_clusters_serve_asked(struct rd_loop *loop, uint32_t slot);
/* Ends that, when it is time; for one loop's tick. */
void rd_clusters_end_asked(struct rd_loop *loop);

/* Does this node know that the slot is another's now, whatever others tell clients? */
static inline bool rd_cluster_has_lost(const struct rd_cluster *cluster, uint32_t slot, int64_t monotonic_ms) {
    return monotonic_ms < cluster->ask_until_ms && rd_slot_set_has(&cluster->lost, slot);
}

static inline bool rd_cluster_has(const struct rd_cluster *cluster, uint32_t slot) {
    return cluster->owners[slot] == cluster->own;
}

/* The port of a node for a client who has come by TLS, or not. */
static inline unsigned rd_cluster_port(const struct rd_cluster *cluster, const struct rd_cluster_node *node, bool tls) {
    return tls && cluster->tls_port ? cluster->tls_port : node->port;
}

#endif
