/* This file owns the members of a command's map in COMMAND DOCS, in Redis's order. */
#include "admin/document.h"

#include "admin/category.h"
#include "admin/syntax.h"

static size_t reply_member(struct rd_reply *reply, const char *name, const char *text) {
    if (!text) return 0;
    rd_reply_text(reply, name);
    rd_reply_text(reply, text);
    return 1;
}

static size_t reply_doc_flags(struct rd_reply *reply, const struct rd_command_docs *docs) {
    bool is_syscmd = rd_words_have(docs->also, RD_DOC_FLAG_SYSCMD, strlen(RD_DOC_FLAG_SYSCMD));
    if (!docs->deprecated && !is_syscmd) return 0;
    rd_reply_text(reply, "doc_flags");
    rd_reply_set(reply, (size_t)is_syscmd + (docs->deprecated != NULL));
    if (docs->deprecated) rd_reply_simple(reply, "deprecated", 10);
    if (is_syscmd) rd_reply_simple(reply, RD_DOC_FLAG_SYSCMD, strlen(RD_DOC_FLAG_SYSCMD));
    return 1;
}

/* "6.2.0 what to use instead" */
static size_t reply_deprecated(struct rd_reply *reply, const char *deprecated) {
    if (!deprecated) return 0;
    size_t version = strcspn(deprecated, " ");
    rd_reply_text(reply, "deprecated_since");
    rd_reply_bulk_inline(reply, deprecated, version);
    return 1 + reply_member(reply, "replaced_by", deprecated + version + 1);
}

/* A line for each change: the version, a space, a sentence. */
static size_t reply_history(struct rd_reply *reply, const char *history) {
    if (!history) return 0;
    rd_reply_text(reply, "history");
    size_t from = reply->length, count = 0;
    for (const char *line = history; *line; count++) {
        size_t version = strcspn(line, " "), length = strcspn(line, "\n");
        rd_reply_array(reply, 2);
        rd_reply_bulk_inline(reply, line, version);
        rd_reply_bulk_inline(reply, line + version + 1, length - version - 1);
        line += length + (line[length] == '\n');
    }
    rd_reply_set_at(reply, from, count);
    return 1;
}

static size_t reply_arguments(struct rd_reply *reply, const char *syntax) {
    if (!syntax || !*syntax) return 0;
    rd_reply_text(reply, "arguments");
    (void)rd_syntax_reply(reply, syntax); /* tests read every row's */
    return 1;
}

static size_t reply_subcommands(struct rd_reply *reply, const struct rd_command_index *index, uint32_t number) {
    uint32_t count = rd_command_subcommands(index, number);
    if (count == 0) return 0;
    rd_reply_text(reply, "subcommands");
    rd_reply_map(reply, count);
    for (uint32_t i = 0; i < count; i++) rd_document(reply, index, index->first_sub[number] + i);
    return 1;
}

void rd_document(struct rd_reply *reply, const struct rd_command_index *index, uint32_t number) {
    const struct rd_command_docs *docs = index->rows[number]->docs;
    rd_reply_text(reply, index->rows[number]->name);
    size_t from = reply->length, members = 0;
    members += reply_member(reply, "summary", docs->summary);
    members += reply_member(reply, "since", docs->since);
    members += reply_member(reply, "group", docs->group);
    members += reply_member(reply, "complexity", docs->complexity);
    members += reply_member(reply, "module", docs->origin);
    members += reply_doc_flags(reply, docs);
    members += reply_deprecated(reply, docs->deprecated);
    members += reply_history(reply, docs->history);
    members += reply_arguments(reply, docs->syntax);
    members += reply_subcommands(reply, index, number);
    rd_reply_map_at(reply, from, members);
}
