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

static void forget_asked(struct rd_clusters *clusters) {
    clusters->asked = clusters->late = (struct rd_slot_set){0};
    atomic_store_explicit(&clusters->asked_until_ms, 0, memory_order_relaxed);
}

/* May a slot have keys that must not be seen any more? With the lock of rd_clusters. */
static bool is_lost(const struct rd_clusters *clusters, uint32_t slot, bool is_own, bool is_in_time) {
    const struct rd_cluster *before = clusters->current;
    if (!before) return !is_own;
    bool was_asked = rd_slot_set_has(&clusters->asked, slot);
    if (rd_slot_set_has(&clusters->late, slot)) return true;
    return is_own ? was_asked && !is_in_time : was_asked || rd_cluster_has(before, slot);
}

/* What is lost is stray from now on, and what comes back too early is held. With the lock of rd_clusters. */
static void settle_strays(struct rd_clusters *clusters, struct rd_store *store, struct rd_cluster *after) {
    struct rd_slot_set lost = {0}, own = {0};
    bool is_in_time = rd_monotonic_ms() < atomic_load_explicit(&clusters->asked_until_ms, memory_order_relaxed);
    for (uint32_t slot = 0; slot < RD_SLOTS; slot++) {
        bool is_own = rd_cluster_has(after, slot);
        after->own_count += is_own;
        if (is_own) rd_slot_set_add(&own, slot);
        if (is_lost(clusters, slot, is_own, is_in_time)) rd_slot_set_add(&lost, slot);
    }
    forget_asked(clusters);
    rd_strays_add(store, &lost);
    after->holds = rd_strays_among(store, &own, &after->held);
}

static bool knows(const struct rd_cluster *cluster, const struct rd_cluster_node *node) {
    for (uint32_t i = 0; i < cluster->node_count; i++) {
        if (memcmp(cluster->nodes[i].id, node->id, RD_CLUSTER_ID) == 0) return true;
    }
    return false;
}

/* What is another node's now, and whether that was there before: it may have the map before still, and send clients here. */
static void note_lost(const struct rd_cluster *before, struct rd_cluster *after) {
    int64_t now = rd_monotonic_ms();
    for (uint32_t i = 0; i < after->node_count; i++) {
        const struct rd_cluster_node *node = &after->nodes[i];
        if ((int32_t)i == after->own) continue;
        bool is_old = knows(before, node);
        for (uint32_t j = 0; j < node->range_count; j++) {
            for (uint32_t slot = node->ranges[j].first; slot <= node->ranges[j].last; slot++) {
                if (!rd_cluster_has(before, slot) && !rd_cluster_has_lost(before, slot, now)) continue;
                rd_slot_set_add(&after->lost, slot);
                if (is_old) rd_slot_set_add(&after->given, slot);
            }
        }
    }
    after->ask_until_ms = now + RD_CLUSTER_ASK_MS;
}

/* Of these slots, those that are not the map's own are strays. */
static void add_strays(struct rd_store *store, const struct rd_cluster *cluster, const struct rd_slot_set *slots) {
    struct rd_slot_set lost = {0};
    for (uint32_t slot = 0; slot < RD_SLOTS; slot++) {
        if (rd_slot_set_has(slots, slot) && !rd_cluster_has(cluster, slot)) rd_slot_set_add(&lost, slot);
    }
    rd_strays_add(store, &lost);
}

/* Keys that loops have served by the map before when others knew its end. With the lock of rd_clusters. */
static void settle_late(struct rd_clusters *clusters, struct rd_store *store) {
    add_strays(store, clusters->current, &clusters->late);
    clusters->late = (struct rd_slot_set){0};
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
    if (--clusters->awaited == 0) settle_late(clusters, loop->store);
    let_strays_go(clusters, loop->store);
}

/* Each loop is to take the current map, were it the same as before. With the lock of rd_clusters; ask_to_take follows it. */
static void renew(struct rd_shared *shared) {
    shared->clusters.generation++;
    shared->clusters.awaited = shared->loop_count;
}

static void ask_to_take(struct rd_shared *shared) {
    for (struct rd_loop *loop = shared->loops; loop; loop = loop->next) rd_inbox_ask(loop, RD_TAKE_MAP);
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
    if (before) note_lost(before, cluster);
    settle_strays(clusters, store, cluster);
    clusters->current = cluster;
    renew(shared);
    for (struct rd_loop *loop = shared->loops; loop && !are_running; loop = loop->next) take(loop, clusters);
    rd_lock_release(&clusters->lock);
    rd_cluster_release(before);
    if (are_running) ask_to_take(shared);
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
        struct rd_slot_set all;
        memset(&all, 0xFF, sizeof all);
        add_strays(store, clusters->current, &all);
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
    if (loop->cluster_generation != clusters->generation) {
        rd_slot_set_add(&clusters->late, slot);
    } else {
        rd_slot_set_add(&clusters->asked, slot);
        if (!clusters->asked_until_ms) clusters->asked_until_ms = loop->monotonic_ms + RD_CLUSTER_ASK_MS;
    }
    rd_lock_release(&clusters->lock);
    return true;
}

void rd_clusters_end_asked(struct rd_loop *loop) {
    struct rd_clusters *clusters = &loop->shared->clusters;
    int64_t until = atomic_load_explicit(&clusters->asked_until_ms, memory_order_relaxed);
    if (!until || loop->monotonic_ms < until) return;
    rd_lock_acquire(&clusters->lock);
    bool is_due = clusters->asked_until_ms == until && clusters->awaited == 0;
    if (is_due) {
        rd_strays_add(loop->store, &clusters->asked);
        forget_asked(clusters);
        renew(loop->shared);
    }
    rd_lock_release(&clusters->lock);
    if (is_due) ask_to_take(loop->shared);
}

void rd_clusters_take(struct rd_loop *loop) {
    struct rd_clusters *clusters = &loop->shared->clusters;
    rd_lock_acquire(&clusters->lock);
    take(loop, clusters);
    rd_lock_release(&clusters->lock);
}
