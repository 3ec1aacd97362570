/* This file owns looking at what a crash has left. */
#include "store/inspect.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MOST 64
/* For a shard: one of 16 GiB takes some ten. */
#define SECONDS_MOST 120

/* Shared by those who look. */
struct rd_inspection {
    uint32_t shards;
    _Atomic uint32_t next; /* the first that nobody has looked at */
    uint8_t sound[];       /* of each, 0 or 1 */
};

static size_t size_of(uint32_t shards) {
    return sizeof(struct rd_inspection) + shards;
}

/* Does the table belong to the shard, and is what it is found by there? */
static bool is_own_table(const struct rd_store *store, const struct rd_table *table) {
    const struct rd_directory *directory = atomic_load_explicit(&table->directory, memory_order_relaxed);
    uint64_t overflow = rd_counter_get(&table->overflow_page_count);
    return table->pool == &store->pool && table->base == store->pool.base && table->seed == &store->seed &&
           rd_region_has(store->pool.region, directory, sizeof *directory) && overflow <= store->pool.pages_reserved &&
           (overflow == 0 || rd_region_has(store->pool.region, table->overflow_pages, overflow * sizeof *table->overflow_pages));
}

static bool is_own_arena(const struct rd_store *store, const struct rd_arena *arena) {
    uint64_t slabs = arena->capacity;
    return arena->pool == &store->pool && arena->base == store->pool.base && arena->classes == &store->classes &&
           (arena->count == 1 || (arena->count > 0 && arena->count <= slabs && slabs <= 1u << (32 - RD_SLAB_SHIFT) &&
                                  rd_region_has(store->pool.region, arena->pages, slabs * sizeof *arena->pages) &&
                                  rd_region_has(store->pool.region, arena->slabs, slabs * sizeof *arena->slabs)));
}

/* No database has brought forth keys that none leads to. */
static bool may_have_keys(const struct rd_store *store, const struct rd_table *table, uint32_t space) {
    return rd_counter_get(&table->keys) == 0 || rd_databases_may_have(&store->databases, space);
}

/* Is all that its parts are found by the store's? What is not known to be is not followed. */
static bool has_sound_head(const struct rd_store *store, const struct rd_shard *shard) {
    const struct rd_spaces *spaces = rd_shard_spaces(shard);
    if (shard->store != store || shard->partitioned != (store->shares != NULL)) return false;
    if (!is_own_table(store, &shard->table) || !is_own_arena(store, &shard->arena)) return false;
    if (!may_have_keys(store, &shard->table, 0) || (spaces && !rd_region_has(store->pool.region, spaces, sizeof *spaces))) return false;
    for (uint32_t space = 0; (space = rd_space_after(spaces, space));) {
        const struct rd_space *other = rd_space_at(spaces, space);
        if (!rd_region_has(store->pool.region, other, sizeof *other) || !is_own_table(store, &other->table) ||
            !may_have_keys(store, &other->table, space)) {
            return false;
        }
    }
    return true;
}

/* Ends without a word, whatever happens to it, and with its parent. */
static void become_expendable(void) {
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGALRM};
    sigset_t unblocked;
    sigemptyset(&unblocked);
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) {
        signal(fatal[i], SIG_DFL);
        sigaddset(&unblocked, fatal[i]);
    }
    sigprocmask(SIG_UNBLOCK, &unblocked, NULL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0); /* where the unit's filter forbids the limit */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static _Noreturn void look_at_all(struct rd_store *left, struct rd_inspection *inspection) {
    become_expendable();
    for (;;) {
        uint32_t number = atomic_fetch_add(&inspection->next, 1);
        if (number >= inspection->shards) _exit(0);
        struct rd_shard *shard = &left->shards[number];
        if (!rd_lock_is_free(&shard->lock)) continue;
        alarm(SECONDS_MOST);
        inspection->sound[number] = has_sound_head(left, shard) && rd_shard_check(shard);
    }
}

/* Of one round: whoever is ended by a shard leaves the rest to others. False: there was nobody. */
static bool look_at_some(struct rd_store *left, struct rd_inspection *inspection) {
    pid_t lookers[PROCESSES_MOST];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t count = 0, wanted = processors > 0 && processors < PROCESSES_MOST ? (uint32_t)processors : PROCESSES_MOST;
    if (wanted > inspection->shards) wanted = inspection->shards;
    while (count < wanted) {
        pid_t child = fork();
        if (child == 0) look_at_all(left, inspection);
        if (child < 0) break;
        lookers[count++] = child;
    }
    for (uint32_t i = 0; i < count; i++) {
        while (waitpid(lookers[i], NULL, 0) < 0 && errno == EINTR) {
        }
    }
    return count > 0;
}

struct rd_inspection *rd_inspect(struct rd_store *left) {
    struct rd_inspection *inspection =
        mmap(NULL, size_of(left->shard_count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (inspection == MAP_FAILED) return NULL;
    inspection->shards = left->shard_count;
    for (uint32_t next = 0, before; next < left->shard_count;) {
        before = next;
        bool looked = look_at_some(left, inspection);
        next = atomic_load(&inspection->next);
        if (looked && next > before) continue; /* who ends before they look would do so for ever */
        rd_inspection_free(inspection);
        return NULL;
    }
    return inspection;
}

bool rd_inspection_is_sound(const struct rd_inspection *inspection, uint32_t shard) {
    return inspection->sound[shard];
}

void rd_inspection_free(struct rd_inspection *inspection) {
    if (inspection) munmap(inspection, size_of(inspection->shards));
}
