/* This file owns the making of scripts. */
#include "script.h"

#include "answer.h"
#include "probe_script.h"

static const char *const known[] = {
    "get K1", "#k;incr K1;get K1", "set K1 A1;get K1", "mget K1 K2 K3;reply last", "#kfw;get K1", "incr g:1;spin 4;incr g:1",
    "reply error ERR no", "#fo;append K1 A1;strlen K1", "spin 3;reply int 5", "try get;reply status", "", "#w",
};

static const char *const steps[] = {
    "get g:%u", "set g:%u 1", "incr g:%u", "mget g:%u g:1 K1 K2", "del g:%u", "append g:%u A1", "set K1 A1", "get K1", "try incr K1",
    "setrange g:%u 30000 A1", "expire g:%u 5", "getdel g:%u", "copy g:%u g:1 replace", "rename g:%u g:2", "select %u", "try swapdb 0 1",
    "try flushdb", "try keys g:*", "try scan 0 count %u", "try dbsize", "try randomkey", "try eval x 0", "try multi", "try echo A2",
    "try object encoding g:%u", "try debug object g:%u", "try info", "try config get x", "try client list", "try nothing", "try touch g:%u g:1",
    "try bitop or g:3 g:%u g:1", "try lcs s:1 s:2", "try msetex 1 g:%u A1", "try ping", "try time", "try memory usage g:%u",
    "spin %u", "spin %u", "spin %u", "ask %u", "ask %u",
};

static const char *const ends[] = {"", "", "reply last", "reply all", "reply all", "reply int 7", "reply status", "reply error OWN no",
                                   "reply value 20", "reply value 20000", "reply value 300000"};

static const char *const terms[] = {"", "", "", "#k", "#k", "#f", "#fw", "#fo", "#kf", "#kfo"};

void script_add_known(struct bytes *text, struct fuzz_random *random) {
    bytes_text(text, FUZZ_PICK(random, known));
}

void script_add_digest(struct bytes *text, struct fuzz_random *random) {
    char digits[PROBE_SCRIPT_DIGITS];
    const char *script = FUZZ_PICK(random, known);
    probe_script_digest((struct rd_slice){script, strlen(script)}, digits);
    bytes_add(text, digits, sizeof digits);
}

void script_add_any(struct bytes *text, struct fuzz_random *random) {
    char step[64];
    bytes_text(text, FUZZ_PICK(random, terms));
    for (uint32_t i = fuzz_below(random, 8); i > 0; i--) {
        snprintf(step, sizeof step, FUZZ_PICK(random, steps), fuzz_below(random, 14));
        bytes_text(text, ";");
        bytes_text(text, step);
    }
    bytes_text(text, ";");
    bytes_text(text, FUZZ_PICK(random, ends));
}

static bool is_key(const struct model *model, struct rd_slice argument) {
    for (uint32_t i = 0; i < MODEL_KEYS; i++) {
        const struct model_key *key = &model->keys[i];
        if (argument.length == key->name_length && memcmp(argument.bytes, key->name, key->name_length) == 0) return true;
    }
    return false;
}

#define PARTS 4

void script_of_model(const struct model_call *call) {
    static struct request parts[PARTS];
    static struct bytes text, results;
    uint32_t count = 1 + fuzz_below(call->random, PARTS), keys = 0;
    text.length = results.length = 0;
    if (fuzz_chance(call->random, 50)) bytes_text(&text, "#k;");
    for (uint32_t i = 0; i < count; i++) {
        char step[64];
        request_clear(&parts[i]);
        struct model_call part = *call;
        part.request = &parts[i];
        part.expected = &results;
        part.whole = NULL;
        model_command(&part);
        model_expire(call->model, call->now);
        snprintf(step, sizeof step, "next %u;%s", parts[i].count, fuzz_chance(call->random, 20) ? "ask 2;" : "");
        bytes_text(&text, step);
        for (uint32_t j = 0; j < parts[i].count; j++) keys += is_key(call->model, request_argument(&parts[i], j));
    }
    bytes_text(&text, "reply all");
    request_text(call->request, "eval");
    request_add(call->request, text.at, text.length);
    request_number(call->request, keys);
    for (int of_keys = 1; of_keys >= 0; of_keys--) {
        for (uint32_t i = 0; i < count; i++) {
            for (uint32_t j = 0; j < parts[i].count; j++) {
                struct rd_slice argument = request_argument(&parts[i], j);
                if (!of_keys || is_key(call->model, argument)) request_add(call->request, argument.bytes, argument.length);
            }
        }
    }
    answer_text_array(call->expected, count);
    bytes_add(call->expected, results.at, results.length);
}
