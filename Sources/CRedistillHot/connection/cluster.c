/* This file owns making maps of a cluster, and their exchange. */
#include "connection/cluster.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "connection/loop.h"
#include "store/store.h"

static void destroy(struct rd_cluster *cluster) {
    for (uint32_t i = 0; i < cluster->node_count; i++) free(cluster->nodes[i].host);
    free(cluster->self.host);
    free(cluster->ranges);
    free(cluster->nodes);
    free(cluster);
}

void rd_cluster_release(struct rd_cluster *cluster) {
    if (cluster && atomic_fetch_sub(&cluster->references, 1) == 1) destroy(cluster);
}

static bool copy_node(struct rd_cluster_node *node, const struct rd_cluster_member *member) {
    node->host = strdup(member->host);
    node->port = member->port;
    memcpy(node->id, member->id, RD_CLUSTER_ID);
    return node->host != NULL;
}

static bool copy_nodes(struct rd_cluster *cluster, const struct rd_cluster_options *options) {
    cluster->nodes = calloc(options->node_count, sizeof cluster->nodes[0]);
    if (!cluster->nodes || !copy_node(&cluster->self, &options->own_node)) return false;
    for (size_t i = 0; i < options->node_count; i++) {
        cluster->node_count++;
        if (!copy_node(&cluster->nodes[i], &options->nodes[i])) return false;
    }
    return true;
}

static bool begins_range(const struct rd_cluster *cluster, uint32_t slot) {
    return slot == 0 || cluster->owners[slot] != cluster->owners[slot - 1];
}

/* Of all nodes, in one pass that counts them and one that writes them down. */
static bool list_ranges(struct rd_cluster *cluster) {
    uint32_t all = 0;
    for (uint32_t slot = 0; slot < RD_SLOTS; slot++) {
        if (!begins_range(cluster, slot)) continue;
        cluster->nodes[cluster->owners[slot]].range_count++;
        all++;
    }
    struct rd_slot_range *at = cluster->ranges = calloc(all, sizeof *at);
    if (!at) return false;
    for (uint32_t i = 0; i < cluster->node_count; i++) {
        struct rd_cluster_node *node = &cluster->nodes[i];
        node->ranges = at;
        at += node->range_count;
        node->range_count = 0;
    }
    for (uint32_t slot = 0; slot < RD_SLOTS; slot++) {
        struct rd_cluster_node *node = &cluster->nodes[cluster->owners[slot]];
        if (begins_range(cluster, slot)) node->ranges[node->range_count++].first = (uint16_t)slot;
        node->ranges[node->range_count - 1].last = (uint16_t)slot;
    }
    return true;
}

struct rd_cluster *rd_cluster_new(const struct rd_cluster_options *options) {
    struct rd_cluster *cluster = calloc(1, sizeof *cluster);
    if (!cluster) return NULL;
    atomic_init(&cluster->references, 1);
    cluster->own = options->own;
    cluster->tls_port = options->tls_port;
    memcpy(cluster->owners, options->owners, sizeof cluster->owners);
    if (copy_nodes(cluster, options) && list_ranges(cluster)) return cluster;
    destroy(cluster);
    return NULL;
}

/* What is lost is stray from now on, and what comes back too early is held. With the lock of rd_clusters. */
static void settle_strays(struct rd_clusters *clusters, struct rd_store *store, struct rd_cluster *after) {
    const struct rd_cluster *before = clusters->current;
    struct rd_slot_set lost = {0}, own = {0};
    for (uint32_t slot = 0; slot < RD_SLOTS; slot++) {
        bool is_own = rd_cluster_has(after, slot);
        bool may_have_keys = !before || rd_cluster_has(before, slot) || rd_slot_set_has(&clusters->asked, slot);
        after->own_count += is_own;
        if (is_own) rd_slot_set_add(&own, slot);
        else if (may_have_keys) rd_slot_set_add(&lost, slot);
    }
    clusters->asked = (struct rd_slot_set){0};
    rd_strays_add(store, &lost);
    after->holds = rd_strays_among(store, &own, &after->held);
}

static bool knows(const struct rd_cluster *cluster, const struct rd_cluster_node *node) {
    for (uint32_t i = 0; i < cluster->node_count; i++) {
        if (memcmp(cluster->nodes[i].id, node->id, RD_CLUSTER_ID) == 0) return true;
    }
    return false;
}

/* Slots of a node that was there before: it may have the map before still, and send clients here. */
static void note_given(const struct rd_cluster *before, struct rd_cluster *after) {
    for (uint32_t i = 0; i < after->node_count; i++) {
        const struct rd_cluster_node *node = &after->nodes[i];
        if ((int32_t)i == after->own || !knows(before, node)) continue;
        for (uint32_t j = 0; j < node->range_count; j++) {
            for (uint32_t slot = node->ranges[j].first; slot <= node->ranges[j].last; slot++) {
                bool is_given = rd_cluster_has(before, slot) || rd_slot_set_has(&before->given, slot);
                if (is_given) rd_slot_set_add(&after->given, slot);
            }
        }
    }
    after->ask_until_ms = rd_monotonic_ms() + RD_CLUSTER_ASK_MS;
}

/* Keys that loops have served by the map before when others knew its end. With the lock of rd_clusters. */
static void settle_asked(struct rd_clusters *clusters, struct rd_store *store) {
    struct rd_slot_set lost = {0};
    bool any = false;
    for (uint32_t slot = 0; slot < RD_SLOTS; slot++) {
        if (!rd_slot_set_has(&clusters->asked, slot) || rd_cluster_has(clusters->current, slot)) continue;
        rd_slot_set_add(&lost, slot);
        any = true;
    }
    clusters->asked = (struct rd_slot_set){0};
    if (any) rd_strays_add(store, &lost);
}

/* With the lock of rd_clusters: nothing puts keys where there are strays any more, or it will say so when it is done. */
static void let_strays_go(struct rd_clusters *clusters, struct rd_store *store) {
    if (clusters->awaited == 0 && !clusters->is_loading) rd_strays_go(store);
}

/* With the lock of rd_clusters. */
static void take(struct rd_loop *loop, struct rd_clusters *clusters) {
    if (loop->cluster_generation == clusters->generation) return;
    rd_cluster_release(loop->cluster);
    atomic_fetch_add(&clusters->current->references, 1);
    loop->cluster = clusters->current;
    loop->cluster_generation = clusters->generation;
    if (--clusters->awaited == 0) settle_asked(clusters, loop->store);
    let_strays_go(clusters, loop->store);
}

enum rd_status rd_clusters_replace(struct rd_shared *shared, struct rd_store *store, struct rd_cluster *cluster,
                                   bool are_running) {
    struct rd_clusters *clusters = &shared->clusters;
    rd_lock_acquire(&clusters->lock);
    struct rd_cluster *before = clusters->current;
    if (are_running && !before) {
        rd_lock_release(&clusters->lock);
        return RD_ERR_STATE;
    }
    if (before) note_given(before, cluster);
    settle_strays(clusters, store, cluster);
    clusters->current = cluster;
    clusters->generation++;
    clusters->awaited = shared->loop_count;
    for (struct rd_loop *loop = shared->loops; loop && !are_running; loop = loop->next) take(loop, clusters);
    rd_lock_release(&clusters->lock);
    rd_cluster_release(before);
    for (struct rd_loop *loop = shared->loops; loop && are_running; loop = loop->next) rd_inbox_ask(loop, RD_TAKE_MAP);
    return RD_OK;
}

void rd_clusters_begin_load(struct rd_shared *shared, struct rd_store *store) {
    struct rd_clusters *clusters = &shared->clusters;
    static const struct rd_slot_set none;
    rd_lock_acquire(&clusters->lock);
    clusters->is_loading = true;
    rd_strays_add(store, &none); /* those that there are wait, too */
    rd_lock_release(&clusters->lock);
}

void rd_clusters_end_load(struct rd_shared *shared, struct rd_store *store) {
    struct rd_clusters *clusters = &shared->clusters;
    rd_lock_acquire(&clusters->lock);
    clusters->is_loading = false;
    if (clusters->current) {
        struct rd_slot_set lost = {0};
        for (uint32_t slot = 0; slot < RD_SLOTS; slot++) {
            if (!rd_cluster_has(clusters->current, slot)) rd_slot_set_add(&lost, slot);
        }
        rd_strays_add(store, &lost);
        let_strays_go(clusters, store);
    }
    rd_lock_release(&clusters->lock);
}

uint32_t rd_clusters_own_slots(struct rd_clusters *clusters) {
    rd_lock_acquire(&clusters->lock);
    uint32_t count = clusters->current ? clusters->current->own_count : 0;
    rd_lock_release(&clusters->lock);
    return count;
}

bool rd_clusters_serve_asked(struct rd_loop *loop, uint32_t slot) {
    struct rd_clusters *clusters = &loop->shared->clusters;
    if (rd_strays_have(loop->store, slot)) return false;
    rd_lock_acquire(&clusters->lock);
    rd_slot_set_add(&clusters->asked, slot);
    rd_lock_release(&clusters->lock);
    return true;
}

void rd_clusters_take(struct rd_loop *loop) {
    struct rd_clusters *clusters = &loop->shared->clusters;
    rd_lock_acquire(&clusters->lock);
    take(loop, clusters);
    rd_lock_release(&clusters->lock);
}
