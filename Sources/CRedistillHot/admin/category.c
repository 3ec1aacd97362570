/* This file owns the table of ACL categories. */
#include "admin/category.h"

static const struct category {
    const char *name;
    uint32_t flags;    /* what has one of these is of it */
    const char *group; /* so is what does something and is of this group */
} categories[] = {
    {"keyspace", RD_CMD_KEYSPACE, NULL},
    {"read", RD_CMD_READONLY, NULL},
    {"write", RD_CMD_WRITE, NULL},
    {"set", 0, "set"},
    {"sortedset", 0, "sorted-set"},
    {"list", 0, "list"},
    {"hash", 0, "hash"},
    {"string", RD_CMD_STRING, NULL},
    {"bitmap", RD_CMD_BITMAP, NULL},
    {"hyperloglog", 0, "hyperloglog"},
    {"geo", 0, "geo"},
    {"stream", 0, "stream"},
    {"pubsub", 0, "pubsub"},
    {"admin", RD_CMD_ADMIN, NULL},
    {"fast", RD_CMD_FAST, NULL},
    {"slow", 0, NULL}, /* what is not fast */
    {"blocking", 0, NULL},
    {"dangerous", RD_CMD_DANGEROUS | RD_CMD_ADMIN, NULL},
    {"connection", RD_CMD_CONNECTION, NULL},
    {"transaction", RD_CMD_TRANSACTION, NULL},
    {"scripting", 0, "scripting"},
};
_Static_assert(sizeof categories / sizeof categories[0] == RD_CATEGORIES, "the header says how many there are");

const char *rd_category_name(size_t category) {
    return categories[category].name;
}

size_t rd_category_find(struct rd_slice name) {
    size_t category = 0;
    while (category < RD_CATEGORIES && !rd_slice_is(name, categories[category].name)) category++;
    return category;
}

bool rd_words_have(const char *words, const char *word, size_t length) {
    for (const char *at = words; at && *at;) {
        size_t one = strcspn(at, " ");
        if (one == length && memcmp(at, word, length) == 0) return true;
        at += one + (at[one] == ' ');
    }
    return false;
}

/* "@hash" among the words that only COMMAND tells. */
static bool is_told(const struct rd_command *command, const char *name) {
    char word[32] = "@";
    size_t length = strlen(name);
    memcpy(word + 1, name, length < sizeof word - 1 ? length : sizeof word - 1);
    return rd_words_have(command->docs->also, word, length + 1);
}

bool rd_category_has(size_t category, const struct rd_command *command) {
    const struct category *of = &categories[category];
    if (strcmp(of->name, "slow") == 0) return !(command->flags & RD_CMD_FAST);
    bool is_script = command->flags & RD_CMD_SCRIPT; /* of no category of what it does, in Redis too */
    if (command->flags & of->flags && !(is_script && of->flags & RD_CMD_READONLY)) return true;
    if (of->group && command->handler && strcmp(command->docs->group, of->group) == 0) return true;
    return is_told(command, of->name);
}
