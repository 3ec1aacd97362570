/* This file owns running the steps of such a script. */
#include "probe_script.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

#define SCRIPTS 32
#define SCRIPT_LENGTH 1024
#define WORDS 64
#define TEXT(text) ((struct rd_slice){text, sizeof(text) - 1})
#define OUT_OF_MEMORY "OOM the script has no memory"

struct probe_scripts {
    _Atomic uint32_t at_gate, may_pass;
    pthread_mutex_t lock; /* of what follows */
    size_t count;
    struct {
        size_t length;
        char text[SCRIPT_LENGTH];
    } kept[SCRIPTS];
};

struct probe_scripts *probe_scripts_new(void) {
    struct probe_scripts *scripts = calloc(1, sizeof *scripts);
    if (!scripts) abort();
    pthread_mutex_init(&scripts->lock, NULL);
    return scripts;
}

void probe_scripts_free(struct probe_scripts *scripts) {
    pthread_mutex_destroy(&scripts->lock);
    free(scripts);
}

uint32_t probe_scripts_at_gate(const struct probe_scripts *scripts) {
    return atomic_load(&scripts->at_gate);
}

void probe_scripts_let_pass(struct probe_scripts *scripts, uint32_t count) {
    atomic_fetch_add(&scripts->may_pass, count);
}

void probe_scripts_release(void *context) {
    probe_scripts_free(context);
}

void probe_script_digest(struct rd_slice text, char digits[PROBE_SCRIPT_DIGITS]) {
    uint64_t hash = 14695981039346656037ull;
    for (size_t i = 0; i < text.length; i++) hash = (hash ^ (uint8_t)text.bytes[i]) * 1099511628211ull;
    for (int i = 0; i < PROBE_SCRIPT_DIGITS; i++) {
        if (i % 16 == 0) hash = (hash ^ (uint64_t)i) * 0x9e3779b97f4a7c15ull;
        digits[i] = "0123456789abcdef"[hash >> (i % 16 * 4) & 15];
    }
}

/* A run: all that it is given is copied first, as the buffers that it came in are used again once it has stood still. */
struct run {
    struct probe_scripts *scripts;
    struct rd_script_run *of;
    struct rd_slice *keys, *arguments; /* owned with their bytes */
    size_t key_count, argument_count, next;
    int protocol;
    char *text;                        /* owned: the steps */
    char *replies;                     /* owned: of its commands, one after the other */
    size_t replies_length, replies_room, last_at, replied;
    bool has_replied, is_out_of_memory;
};

static struct rd_slice *copy(const struct rd_slice *slices, size_t count) {
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) bytes += slices[i].length;
    struct rd_slice *copied = malloc(count * sizeof *copied + bytes + 1);
    if (!copied) return NULL;
    char *place = (char *)(copied + count);
    for (size_t i = 0; i < count; i++) {
        copied[i] = (struct rd_slice){place, slices[i].length};
        if (slices[i].length) memcpy(place, slices[i].bytes, slices[i].length);
        place += slices[i].length;
    }
    return copied;
}

static void keep_reply(struct run *run, struct rd_slice reply) {
    size_t wanted = run->replies_length + reply.length;
    if (wanted > run->replies_room) {
        char *grown = realloc(run->replies, wanted * 2);
        if (!grown) {
            run->is_out_of_memory = true;
            return;
        }
        run->replies = grown;
        run->replies_room = wanted * 2;
    }
    memcpy(run->replies + run->replies_length, reply.bytes, reply.length);
    run->last_at = run->replies_length;
    run->replies_length = wanted;
    run->replied++;
}

static void reply(struct run *run, struct rd_slice bytes, bool is_told) {
    run->has_replied = true;
    rd_script_reply(run->of, bytes.bytes, bytes.length, is_told);
}

static void reply_error(struct run *run, struct rd_slice error) {
    char line[512];
    int length = snprintf(line, sizeof line, "-%.*s\r\n", error.length > 400 ? 400 : (int)error.length, error.bytes);
    reply(run, (struct rd_slice){line, (size_t)length}, false);
}

static bool may_go_on(struct run *run) {
    struct rd_slice error = rd_script_may_go_on(run->of);
    if (error.length == 0) return true;
    reply_error(run, error);
    return false;
}

/* What a word of a step stands for. */
static struct rd_slice value_of(const struct run *run, const char *word) {
    bool is_key = word[0] == 'K', is_argument = word[0] == 'A';
    size_t number = is_key || is_argument ? (size_t)strtoul(word + 1, NULL, 10) : 0;
    if (is_key && number - 1 < run->key_count) return run->keys[number - 1];
    if (is_argument && number - 1 < run->argument_count) return run->arguments[number - 1];
    return (struct rd_slice){word, strlen(word)};
}

/* False: its error ends the script. */
static bool call(struct run *run, const struct rd_slice *words, size_t count, bool tries) {
    struct rd_slice came = rd_script_call(run->of, words, count, run->protocol);
    bool is_error = came.length && came.bytes[0] == '-';
    if (!is_error || tries) {
        keep_reply(run, came);
        return true;
    }
    reply(run, came, true);
    return false;
}

static bool call_next(struct run *run, size_t count) {
    if (run->next + count > run->argument_count) count = run->argument_count - run->next;
    const struct rd_slice *words = run->arguments + run->next;
    run->next += count;
    return count == 0 || call(run, words, count, true);
}

static bool spin(struct run *run, bool is_bounded, int64_t ms) {
    int64_t end = rd_monotonic_ms() + ms;
    do if (!may_go_on(run)) return false;
    while (!is_bounded || rd_monotonic_ms() < end);
    return true;
}

static bool pass_gate(struct run *run) {
    struct probe_scripts *scripts = run->scripts;
    if (!may_go_on(run)) return false; /* its time runs before a test that sees it here has the clock jump */
    uint32_t own = atomic_fetch_add(&scripts->at_gate, 1);
    while (atomic_load(&scripts->may_pass) <= own) {
        if (!may_go_on(run)) return false;
    }
    return true;
}

static void reply_all(struct run *run) {
    char header[32];
    size_t length = (size_t)snprintf(header, sizeof header, "*%zu\r\n", run->replied);
    char *all = malloc(length + run->replies_length);
    if (!all) {
        run->is_out_of_memory = true;
        return;
    }
    memcpy(all, header, length);
    if (run->replies_length) memcpy(all + length, run->replies, run->replies_length);
    reply(run, (struct rd_slice){all, length + run->replies_length}, false);
    free(all);
}

static void reply_last(struct run *run) {
    if (run->replied == 0) reply(run, run->protocol == 3 ? TEXT("_\r\n") : TEXT("$-1\r\n"), false);
    else reply(run, (struct rd_slice){run->replies + run->last_at, run->replies_length - run->last_at}, true);
}

static void reply_value(struct run *run, size_t length) {
    char header[32];
    size_t start = (size_t)snprintf(header, sizeof header, "$%zu\r\n", length);
    char *value = malloc(start + length + 2);
    if (!value) {
        run->is_out_of_memory = true;
        return;
    }
    memcpy(value, header, start);
    memset(value + start, 'x', length);
    memcpy(value + start + length, "\r\n", 2);
    reply(run, (struct rd_slice){value, start + length + 2}, false);
    free(value);
}

static void reply_as(struct run *run, char *const *words, size_t count) {
    const char *kind = count > 1 ? words[1] : "last";
    size_t number = count > 2 ? (size_t)strtoul(words[2], NULL, 10) : 0;
    char text[256];
    if (strcmp(kind, "all") == 0) {
        reply_all(run);
    } else if (strcmp(kind, "value") == 0) {
        reply_value(run, number);
    } else if (strcmp(kind, "error") == 0) {
        int length = snprintf(text, sizeof text, "%s%s%s", count > 2 ? words[2] : "ERR", count > 3 ? " " : "", count > 3 ? words[3] : "");
        reply_error(run, (struct rd_slice){text, (size_t)length});
    } else if (strcmp(kind, "int") == 0) {
        int length = snprintf(text, sizeof text, ":%zu\r\n", number);
        reply(run, (struct rd_slice){text, (size_t)length}, false);
    } else if (strcmp(kind, "status") == 0) {
        reply(run, TEXT("+OK\r\n"), false);
    } else {
        reply_last(run);
    }
}

/* False at the script's end. */
static bool take_step(struct run *run, char *step) {
    char *words[WORDS], *rest = NULL;
    size_t count = 0;
    for (char *word = strtok_r(step, " ", &rest); word && count < WORDS; word = strtok_r(NULL, " ", &rest)) words[count++] = word;
    if (count == 0 || words[0][0] == '#') return true;
    int64_t number = count > 1 ? strtoll(words[1], NULL, 10) : 0;
    if (strcmp(words[0], "reply") == 0) {
        reply_as(run, words, count);
        return false;
    }
    if (strcmp(words[0], "spin") == 0) return spin(run, count > 1, number);
    if (strcmp(words[0], "gate") == 0) return pass_gate(run);
    if (strcmp(words[0], "next") == 0) return call_next(run, (size_t)number);
    if (strcmp(words[0], "ask") == 0) {
        while (number-- > 0) {
            if (!may_go_on(run)) return false;
        }
        return true;
    }
    bool tries = strcmp(words[0], "try") == 0;
    struct rd_slice values[WORDS];
    for (size_t i = tries; i < count; i++) values[i] = value_of(run, words[i]);
    return count == tries || call(run, values + tries, count - tries, tries);
}

static struct rd_script_terms terms_of(const char *text) {
    char terms[8] = "";
    if (text[0] == '#') (void)sscanf(text, "#%7[a-z]", terms);
    return (struct rd_script_terms){
        .touches_only_its_keys = strchr(terms, 'k'),
        .has_flags = strchr(terms, 'f'),
        .no_writes = strchr(terms, 'w'),
        .allow_oom = strchr(terms, 'o'),
        .reply_limit = strchr(terms, 'l') ? 1000000 : 0,
    };
}

static void take_steps(struct run *run) {
    char *rest = NULL;
    bool goes_on = true;
    for (char *step = strtok_r(run->text, ";", &rest); step && goes_on; step = strtok_r(NULL, ";", &rest)) {
        goes_on = take_step(run, step) && !run->is_out_of_memory;
    }
    if (run->is_out_of_memory && !run->has_replied) reply_error(run, TEXT(OUT_OF_MEMORY));
    else if (!run->has_replied) reply_last(run);
}

static void evaluate(struct probe_scripts *scripts, const struct rd_script_request *request, struct rd_slice text,
                     struct rd_reply *answer) {
    struct run run = {
        .scripts = scripts,
        .of = request->run,
        .keys = copy(request->keys, request->key_count),
        .arguments = copy(request->arguments, request->argument_count),
        .key_count = request->key_count,
        .argument_count = request->argument_count,
        .protocol = request->protocol,
        .text = malloc(text.length + 1),
    };
    if (!run.keys || !run.arguments || !run.text) {
        rd_reply_error(answer, OUT_OF_MEMORY, sizeof OUT_OF_MEMORY - 1);
    } else {
        if (text.length) memcpy(run.text, text.bytes, text.length);
        run.text[text.length] = 0;
        if (rd_script_begin(request->run, terms_of(run.text))) take_steps(&run);
    }
    free(run.keys);
    free(run.arguments);
    free(run.text);
    free(run.replies);
}

/* With the lock held. */
static size_t place_of(const struct probe_scripts *scripts, struct rd_slice digest) {
    size_t at = 0;
    for (; at < scripts->count; at++) {
        char digits[PROBE_SCRIPT_DIGITS];
        probe_script_digest((struct rd_slice){scripts->kept[at].text, scripts->kept[at].length}, digits);
        if (digest.length == sizeof digits && strncasecmp(digits, digest.bytes, sizeof digits) == 0) break;
    }
    return at;
}

/* A copy of the text; its bytes NULL when it is not kept. */
static struct rd_slice find(struct probe_scripts *scripts, struct rd_slice digest, char text[SCRIPT_LENGTH]) {
    struct rd_slice found = {NULL, 0};
    pthread_mutex_lock(&scripts->lock);
    size_t at = place_of(scripts, digest);
    if (at < scripts->count) {
        memcpy(text, scripts->kept[at].text, scripts->kept[at].length);
        found = (struct rd_slice){text, scripts->kept[at].length};
    }
    pthread_mutex_unlock(&scripts->lock);
    return found;
}

static bool keep(struct probe_scripts *scripts, struct rd_slice text, const char digits[PROBE_SCRIPT_DIGITS]) {
    if (text.length > SCRIPT_LENGTH) return false;
    pthread_mutex_lock(&scripts->lock);
    size_t at = place_of(scripts, (struct rd_slice){digits, PROBE_SCRIPT_DIGITS});
    if (at == scripts->count && at < SCRIPTS) {
        scripts->count++;
        scripts->kept[at].length = text.length;
        if (text.length) memcpy(scripts->kept[at].text, text.bytes, text.length);
    }
    pthread_mutex_unlock(&scripts->lock);
    return at < SCRIPTS;
}

static void load(struct probe_scripts *scripts, struct rd_slice text, struct rd_reply *answer) {
    char digits[PROBE_SCRIPT_DIGITS];
    probe_script_digest(text, digits);
    if (keep(scripts, text, digits)) rd_reply_bulk(answer, digits, sizeof digits);
    else rd_reply_error(answer, "ERR no room for the script", 26);
}

static void tell_kept(struct probe_scripts *scripts, const struct rd_script_request *request, struct rd_reply *answer) {
    rd_reply_array(answer, request->argument_count);
    for (size_t i = 0; i < request->argument_count; i++) {
        pthread_mutex_lock(&scripts->lock);
        bool is_kept = place_of(scripts, request->arguments[i]) < scripts->count;
        pthread_mutex_unlock(&scripts->lock);
        rd_reply_integer(answer, is_kept);
    }
}

void probe_script_answer(void *context, const struct rd_script_request *request, struct rd_reply *answer) {
    struct probe_scripts *scripts = context;
    char text[SCRIPT_LENGTH], digits[PROBE_SCRIPT_DIGITS];
    struct rd_slice found;
    switch (request->task) {
    case RD_SCRIPT_EVAL:
        probe_script_digest(request->script, digits);
        (void)keep(scripts, request->script, digits);
        evaluate(scripts, request, request->script, answer);
        break;
    case RD_SCRIPT_EVALSHA:
        found = find(scripts, request->script, text);
        if (found.bytes) evaluate(scripts, request, found, answer);
        else rd_reply_error(answer, "NOSCRIPT No matching script. Please use EVAL.", 45);
        break;
    case RD_SCRIPT_LOAD: load(scripts, request->script, answer); break;
    case RD_SCRIPT_EXISTS: tell_kept(scripts, request, answer); break;
    case RD_SCRIPT_FLUSH:
        pthread_mutex_lock(&scripts->lock);
        scripts->count = 0;
        pthread_mutex_unlock(&scripts->lock);
        rd_reply_ok(answer);
    }
}
