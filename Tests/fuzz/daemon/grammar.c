/*
 * This file owns the rules and their expansion. In a rule, <x> is a word of that kind (words.c), [ ] is there or not,
 * { } is there up to five times, ( | ) is one of several, and all else stands for itself.
 */
#include "grammar.h"

#include "call/index.h"
#include "serve/table.h"

#define EXPIRY "( ex <t> | px <t> | exat <at> | pxat <at> )"

static const struct grammar_rule rules[] = {
    {"append", "<k> <v>"},
    {"auth", "( <pass> | <pass> | default <pass> | app <pass> | reader <pass> | <v> <v> )"},
    {"bitcount", "<k> [ <n> <n> [ ( byte | bit ) ] ]"},
    {"bitfield", "<k> { ( get <type> <bo> | set <type> <bo> <n> | incrby <type> <bo> <n> | overflow ( wrap | sat | fail ) ) }"},
    {"bitfield_ro", "<k> { get <type> <bo> }"},
    {"bitop", "( and | or | xor | not | diff | diff1 | andor | one ) <k> <k> { <k> }"},
    {"bitpos", "<k> ( 0 | 1 ) [ <n> [ <n> [ ( byte | bit ) ] ] ]"},
    {"cl.throttle", "<k> <n> <n> <n> [ <n> ]"},
    {"client|caching", "( yes | no )"},
    {"client|kill", "( <addr> | { ( id <id> | id <id> <id> | type ( normal | pubsub | master | x ) | addr <addr> | laddr <addr> | user default | maxage <n> | skipme ( yes | no ) ) } )"},
    {"client|list", "[ ( type ( normal | pubsub | replica | x ) | id <id> { <id> } ) ]"},
    {"client|no-evict", "( on | off )"},
    {"client|no-touch", "( on | off )"},
    {"client|pause", "<ms> [ ( write | all ) ]"},
    {"client|reply", "( on | off | skip )"},
    {"client|setinfo", "( lib-name | lib-ver ) <name>"},
    {"client|setname", "<name>"},
    {"client|tracking", "( on | on | off ) [ { ( redirect <id> | bcast | optin | optout | noloop | bcast prefix <p> | bcast prefix g: ) } ]"},
    {"client|unblock", "<id> [ ( timeout | error ) ]"},
    {"command|docs", "{ <cmd> }"},
    {"command|getkeys", "( get <k> | mset <k> <v> <k> <v> | msetex <s> <k> <v> <k> <v> | bitop and <k> <k> | <cmd> { <v> } )"},
    {"command|getkeysandflags", "( set <k> <v> { <v> } | mset <k> <v> <k> <v> | msetex <s> <k> <v> | copy <k> <k> | <cmd> { <v> } )"},
    {"command|info", "{ <cmd> }"},
    {"command|list", "[ filterby ( aclcat ( string | write | x ) | pattern <p> | module x ) ]"},
    {"commandlog|get", "( -1 | <n> ) ( slow | large-request | large-reply | x )"},
    {"commandlog|len", "( slow | large-request | large-reply | x )"},
    {"commandlog|reset", "( slow | large-request | large-reply | x )"},
    {"config|get", "<p> { <p> }"},
    {"config|set", "{ ( maxmemory <n> | policy <name> | query <n> | <name> <v> ) }"},
    {"copy", "<k> <k> [ db ( 0 | 1 | 2 | <s> ) ] [ replace ]"},
    {"debug", "( digest | digest-value <k> { <k> } | error <v> | help | object <k> | populate <s> [ <k> [ <s> ] ] | protocol ( string | integer | double | bignum | null | array | set | map | attrib | push | verbatim | true | false | x ) | set-active-expire ( 0 | 1 ) | sleep 0.001 | reload | dict-resizing 1 )"},
    {"decrby", "<k> <n>"},
    {"del", "<k> { <k> }"},
    {"delex", "<k> [ ( ifeq <v> | ifne <v> | ifdeq <digest> | ifdne <digest> | ifdeq <v> ) ]"},
    {"delifeq", "<k> <v>"},
    {"echo", "<v>"},
    {"eval", "<script> ( 0 | 1 <k> | 2 <k> <k> | <s> ) { <k> } { <v> }"},
    {"eval_ro", "<script> ( 0 | 1 <k> | 2 <k> <k> | <s> ) { <k> } { <v> }"},
    {"evalsha", "<scriptdigest> ( 0 | 1 <k> | 2 <k> <k> | <s> ) { <k> } { <v> }"},
    {"evalsha_ro", "<scriptdigest> ( 0 | 1 <k> | 2 <k> <k> | <s> ) { <k> } { <v> }"},
    {"exists", "<k> { <k> }"},
    {"expire", "<k> <t> [ ( nx | xx | gt | lt ) ] [ ( nx | gt ) ]"},
    {"expireat", "<k> <at> [ ( nx | xx | gt | lt ) ]"},
    {"flushall", "[ ( async | sync ) ]"},
    {"flushdb", "[ ( async | sync ) ]"},
    {"getbit", "<k> <bo>"},
    {"getex", "<k> [ ( " EXPIRY " | persist ) ]"},
    {"getrange", "<k> <n> <n>"},
    {"getset", "<k> <v>"},
    {"hello", "[ ( 2 | 3 | 3 | <n> ) { ( auth default <pass> | auth app <pass> | setname <name> ) } ]"},
    {"hotkeys|start", "metrics ( 1 cpu | 1 net | 2 cpu net | <n> x ) { ( count ( 1 | 64 | <n> ) | duration <n> | sample ( 1 | 2 | <n> ) ) }"},
    {"incrby", "<k> <n>"},
    {"incrbyfloat", "<k> <f>"},
    {"increx", "<k> { ( byint <n> | byfloat <f> | lbound <n> | ubound <n> | saturate | enx | persist | " EXPIRY " ) }"},
    {"info", "{ ( server | clients | memory | all | everything | commandstats | <name> ) }"},
    {"keys", "<p>"},
    {"latency|histogram", "{ <cmd> }"},
    {"latency|history", "( command | fast-command | <name> )"},
    {"latency|graph", "( command | fast-command | <name> )"},
    {"latency|reset", "{ ( command | <name> ) }"},
    {"lcs", "<sk> <sk> [ ( len | idx ) ] [ minmatchlen <n> ] [ withmatchlen ]"},
    {"lolwut", "[ version <n> { <s> } ]"},
    {"memory|usage", "<k> [ samples <n> ]"},
    {"mget", "<k> { <k> } { <k> } { <k> }"},
    {"move", "<k> ( 0 | 1 | 2 | <s> )"},
    {"mset", "<k> <v> { <k> <v> } { <k> <v> }"},
    {"msetex", "( 1 <k> <v> | 2 <k> <v> <k> <v> | <n> <k> <v> { <k> <v> } ) [ ( nx | xx ) ] [ ( " EXPIRY " | keepttl ) ]"},
    {"msetnx", "<k> <v> { <k> <v> }"},
    {"pexpire", "<k> <t> [ ( nx | xx | gt | lt ) ]"},
    {"pexpireat", "<k> <at> [ ( nx | xx | gt | lt ) ]"},
    {"ping", "[ <v> ]"},
    {"psetex", "<k> <t> <v>"},
    {"rename", "<k> <k>"},
    {"renamenx", "<k> <k>"},
    {"restore", "<k> ( 0 | <t> | <at> ) <dump> { ( replace | absttl | idletime <n> | freq <n> ) }"},
    {"scan", "( 0 | <c> ) { ( match <p> | count <n> | type ( string | hash | x ) ) }"},
    {"select", "( 0 | 0 | 1 | 2 | 15 | <s> )"},
    {"set", "<k> <v> { ( nx | xx | get | keepttl | " EXPIRY " | ifeq <v> | ifne <v> | ifdeq <digest> | ifdne <digest> ) }"},
    {"setbit", "<k> <bo> ( 0 | 1 | <n> )"},
    {"setex", "<k> <t> <v>"},
    {"setnx", "<k> <v>"},
    {"script|exists", "<scriptdigest> { <scriptdigest> }"},
    {"script|flush", "[ ( sync | async | x ) ]"},
    {"script|load", "<script>"},
    {"setrange", "<k> <bo> <v>"},
    {"shutdown", "[ ( abort | nosave | save | now | force | x ) ]"},
    {"slowlog|get", "[ <n> ]"},
    {"substr", "<k> <n> <n>"},
    {"swapdb", "( 0 | 1 | 2 ) ( 0 | 1 | 2 | 15 | <s> )"},
    {"touch", "<k> { <k> }"},
    {"unlink", "<k> { <k> }"},
    {"wait", "<s> <s>"},
    {"watch", "<k> { <k> }"},
    {NULL, NULL},
};

/* NULL: the table of commands says what its arguments are. */
static const struct grammar_rule *rule_of(const char *name) {
    const struct grammar_rule *const all[] = {rules, grammar_shapes};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        for (const struct grammar_rule *rule = all[i]; rule->name; rule++) {
            if (strcmp(rule->name, name) == 0) return rule;
        }
    }
    return NULL;
}

struct expansion {
    const char *at;
    struct request *request; /* NULL: read over it */
    struct fuzz_random *random;
    const struct words *words;
};

/* The next word of the rule; false at its end. */
static bool next_word(const char **at, char *word, size_t room) {
    while (**at == ' ') ++*at;
    size_t length = 0;
    while (**at && **at != ' ' && length + 1 < room) word[length++] = *(*at)++;
    word[length] = 0;
    return length > 0;
}

static void expand(struct expansion *expansion, bool writes, bool in_group);

/* Counts the alternatives of the group that begins here. */
static uint32_t alternatives(const char *at) {
    char word[64];
    int depth = 0;
    uint32_t count = 1;
    while (next_word(&at, word, sizeof word)) {
        if (strchr("([{", word[0]) && !word[1]) depth++;
        else if (strchr(")]}", word[0]) && !word[1] && depth-- == 0) break;
        else if (strcmp(word, "|") == 0 && depth == 0) count++;
    }
    return count;
}

static void expand_group(struct expansion *expansion, char kind, bool writes) {
    const char *start = expansion->at;
    uint32_t times = 1;
    if (kind == '[') times = fuzz_below(expansion->random, 2);
    if (kind == '{') times = fuzz_below(expansion->random, 6);
    for (uint32_t i = 0; i < times || i == 0; i++) {
        expansion->at = start;
        expand(expansion, writes && i < times, true);
    }
}

/* Up to the end of the group, or of the rule. */
static void expand(struct expansion *expansion, bool writes, bool in_group) {
    uint32_t chosen = in_group && writes ? fuzz_below(expansion->random, alternatives(expansion->at)) : 0;
    uint32_t alternative = 0;
    char word[64];
    while (next_word(&expansion->at, word, sizeof word)) {
        bool writes_now = writes && alternative == chosen;
        size_t length = strlen(word);
        if (length == 1 && strchr(")]}", word[0])) return;
        if (length == 1 && word[0] == '|') alternative++;
        else if (length == 1 && strchr("([{", word[0])) expand_group(expansion, word[0], writes_now);
        else if (!writes_now) continue;
        else if (word[0] == '<' && length > 2) {
            word[length - 1] = 0;
            if (!word_add(expansion->request, expansion->random, expansion->words, word + 1)) abort();
        } else {
            request_text(expansion->request, word);
        }
    }
}

/* Made at its first use: the daemon is played by one thread of one process. */
static const struct rd_command_index *table(void) {
    static struct rd_command_index index;
    if (index.numbered == 0) rd_command_index_init(&index, rd_command_families);
    return &index;
}

/* Each command is followed by its subcommands. NULL: there is none of that number. */
static const struct rd_command *command_at(uint32_t number) {
    for (uint32_t command = 0; command < table()->count; command++) {
        if (number-- == 0) return table()->rows[command];
        uint32_t first = table()->first_sub[command], subcommands = table()->first_sub[command + 1] - first;
        if (number < subcommands) return table()->rows[first + number];
        number -= subcommands;
    }
    return NULL;
}

uint32_t grammar_count(void) {
    return table()->numbered;
}

const char *grammar_name(uint32_t number) {
    return command_at(number)->name;
}

static void expand_from_table(struct request *request, const struct rd_command *command, struct fuzz_random *random,
                              const struct words *words) {
    uint32_t least = (uint32_t)(command->arity < 0 ? -command->arity : command->arity);
    uint32_t wanted = least + (command->arity < 0 ? fuzz_below(random, 5) : 0);
    while (request->count < wanted) {
        bool is_key = command->first_key && request->count >= (uint32_t)command->first_key &&
                      (request->count - (uint32_t)command->first_key) % (uint32_t)command->step == 0;
        if (is_key) (void)word_add(request, random, words, "k");
        else word_add_any(request, random, words);
    }
}

static void spoil(struct request *request, struct fuzz_random *random, const struct words *words) {
    uint32_t first = request->count;
    switch (fuzz_below(random, 3)) {
    case 0: /* the last is missing */
        if (first > 1) request->count--;
        if (request->count) request->bytes.length = request->end[request->count - 1];
        break;
    case 1: word_add_any(request, random, words); break;
    default: /* the last is another */
        if (first > 2) {
            request->count--;
            request->bytes.length = request->end[request->count - 1];
        }
        word_add_any(request, random, words);
    }
}

static void add_name(struct request *request, const char *name, size_t length, struct fuzz_random *random) {
    size_t start = request->bytes.length;
    bytes_add(&request->bytes, name, length);
    if (fuzz_chance(random, 10)) {
        for (size_t i = start; i < request->bytes.length; i++) {
            char *letter = &request->bytes.at[i];
            if (*letter >= 'a' && *letter <= 'z' && fuzz_chance(random, 50)) *letter -= 32;
        }
    }
    request_close(request);
}

void grammar_request(struct request *request, uint32_t number, struct fuzz_random *random, const struct words *words) {
    const struct rd_command *command = command_at(number);
    const char *bar = strchr(command->name, '|');
    request_clear(request);
    if (bar) add_name(request, command->name, (size_t)(bar - command->name), random);
    const char *name = bar ? bar + 1 : command->name;
    add_name(request, name, strlen(name), random);
    const struct grammar_rule *rule = rule_of(command->name);
    if (rule && !fuzz_chance(random, 4)) {
        struct expansion expansion = {rule->arguments, request, random, words};
        expand(&expansion, true, false);
    } else {
        expand_from_table(request, command, random, words);
    }
    if (fuzz_chance(random, 4)) spoil(request, random, words);
}
