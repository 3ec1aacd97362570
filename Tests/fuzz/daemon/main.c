/*
 * This file owns the fuzzer's processes: a child plays one seed after the other; its parent notices when it dies or
 * stands still, says how to repeat that, and goes on with the next seed when told to.
 *
 *   daemon-address [seed=1] [seconds=60] [episodes=0] [workers=0] [keep=1,5,9-20] [going=1] [verbose=1] [seeds=FILE]
 */
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "actions.h"
#include "base/clock.h"
#include "heap.h"

/* A run that does not get on for so long hangs. */
#define HANG_MS 180000

struct options {
    uint64_t seed, seconds, episodes, workers;
    const char *keep, *seeds;
    bool goes_on, is_verbose;
};

/* What parent and child both see. */
struct progress {
    _Atomic uint64_t seed, workers, action, episodes, actions, commands, tls_opened, tls_ready, tls_resumed;
    _Atomic int64_t beat_ms;
};

const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "handle_abort=1:detect_leaks=1:allocator_may_return_null=1:detect_stack_use_after_return=0";
}

const char *__tsan_default_options(void);
const char *__tsan_default_options(void) {
    return "halt_on_error=1:handle_abort=1:second_deadlock_stack=1:history_size=4";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void) {
    return "print_stacktrace=1";
}

/* Is the action one of those kept? */
static bool is_kept(const char *keep, uint32_t number) {
    if (!keep) return true;
    for (const char *at = keep; *at;) {
        char *end;
        unsigned long first = strtoul(at, &end, 10), last = first;
        if (*end == '-') last = strtoul(end + 1, &end, 10);
        if (number >= first && number <= last) return true;
        at = *end ? end + 1 : end;
    }
    return false;
}

static void play(const struct options *options, struct progress *progress, uint64_t seed, uint64_t workers) {
    static struct world world;
    atomic_store(&progress->seed, seed);
    atomic_store(&progress->workers, workers);
    atomic_store(&progress->beat_ms, rd_monotonic_ms());
    world_begin(&world, seed, (uint32_t)workers, options->is_verbose);
    uint32_t count = actions_count(seed);
    for (uint32_t i = 0; i < count; i++) {
        if (!is_kept(options->keep, i)) continue;
        atomic_store(&progress->action, i);
        atomic_store(&progress->beat_ms, rd_monotonic_ms());
        actions_do(&world, i);
        atomic_fetch_add(&progress->actions, 1);
    }
    atomic_store(&progress->action, UINT32_MAX);
    world_end(&world);
    atomic_fetch_add(&progress->commands, world.commands);
    atomic_fetch_add(&progress->tls_opened, world.tls.opened);
    atomic_fetch_add(&progress->tls_ready, world.tls.ready);
    atomic_fetch_add(&progress->tls_resumed, world.tls.resumed);
    atomic_fetch_add(&progress->episodes, 1);
}

/* The kept seeds: "seed workers" a line, and what it found. */
static void play_file(const struct options *options, struct progress *progress) {
    FILE *file = options->seeds ? fopen(options->seeds, "r") : NULL;
    char line[256];
    while (file && fgets(line, sizeof line, file)) {
        unsigned long long seed, workers;
        if (sscanf(line, "%llu %llu", &seed, &workers) == 2) play(options, progress, seed, workers);
    }
    if (file) fclose(file);
}

_Noreturn static void play_all(const struct options *options, struct progress *progress, uint64_t seed, int64_t end_ms) {
    uint64_t played = 0;
    while (rd_monotonic_ms() < end_ms && (options->episodes == 0 || played++ < options->episodes)) {
        play(options, progress, seed++, options->workers);
    }
    exit(0);
}

/* Its status; a child that hangs is ended. */
static int wait_for(pid_t child, const struct progress *progress) {
    int status;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (rd_monotonic_ms() - atomic_load(&progress->beat_ms) > HANG_MS) {
            fprintf(stderr, "fuzz: the run hangs\n");
            kill(child, SIGABRT);
            waitpid(child, &status, 0);
            return status;
        }
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    return status;
}

static void tell(const char *name, const struct progress *progress, int64_t started_ms) {
    fprintf(stderr, "fuzz: seed %llu, action %lld, after %lld s; repeat with\n  %s seed=%llu workers=%llu episodes=1 verbose=1\n",
            (unsigned long long)progress->seed, (long long)(int32_t)progress->action,
            (long long)(rd_monotonic_ms() - started_ms) / 1000, name, (unsigned long long)progress->seed,
            (unsigned long long)progress->workers);
}

static void tell_all(const struct progress *progress, int64_t started_ms, uint64_t found) {
    fprintf(stderr, "fuzz: %llu runs, %llu actions, %llu requests, %llu TLS connections (%llu shook hands, %llu resumed) in %lld s, "
            "%llu found\n", (unsigned long long)progress->episodes, (unsigned long long)progress->actions,
            (unsigned long long)progress->commands, (unsigned long long)progress->tls_opened,
            (unsigned long long)progress->tls_ready, (unsigned long long)progress->tls_resumed,
            (long long)(rd_monotonic_ms() - started_ms) / 1000, (unsigned long long)found);
}

static void take_option(struct options *options, const char *word) {
    const char *value = strchr(word, '=');
    size_t length = value ? (size_t)(value - word) : 0;
    struct {
        const char *name;
        uint64_t *number;
        bool *flag;
        const char **text;
    } known[] = {
        {"seed", &options->seed, NULL, NULL}, {"seconds", &options->seconds, NULL, NULL},
        {"episodes", &options->episodes, NULL, NULL}, {"workers", &options->workers, NULL, NULL},
        {"keep", NULL, NULL, &options->keep}, {"seeds", NULL, NULL, &options->seeds},
        {"going", NULL, &options->goes_on, NULL}, {"verbose", NULL, &options->is_verbose, NULL},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!value || strlen(known[i].name) != length || memcmp(known[i].name, word, length) != 0) continue;
        if (known[i].number) *known[i].number = strtoull(value + 1, NULL, 10);
        if (known[i].flag) *known[i].flag = value[1] == '1';
        if (known[i].text) *known[i].text = value + 1;
        return;
    }
    fprintf(stderr, "fuzz: there is no option %s\n", word);
    exit(2);
}

int main(int argc, char **argv) {
    struct options options = {.seed = 1, .seconds = 60};
    for (int i = 1; i < argc; i++) take_option(&options, argv[i]);
    struct progress *progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED) return 2;
    signal(SIGPIPE, SIG_IGN);
    heap_begin();
    int64_t started_ms = rd_monotonic_ms(), end_ms = started_ms + (int64_t)options.seconds * 1000;
    uint64_t seed = options.seed, found = 0;
    bool with_file = options.seeds != NULL;
    while (with_file || (rd_monotonic_ms() < end_ms && (options.episodes == 0 || progress->episodes + found < options.episodes))) {
        atomic_store(&progress->beat_ms, rd_monotonic_ms());
        pid_t child = fork();
        if (child < 0) return 2;
        if (child == 0) {
            if (with_file) {
                play_file(&options, progress);
                exit(0);
            }
            play_all(&options, progress, seed, end_ms);
        }
        int status = wait_for(child, progress);
        if (status != 0) {
            found++;
            tell(argv[0], progress, started_ms);
            if (!options.goes_on) return 1;
        }
        if (!with_file) seed = progress->seed + 1;
        with_file = false;
    }
    tell_all(progress, started_ms, found);
    return found > 0;
}
