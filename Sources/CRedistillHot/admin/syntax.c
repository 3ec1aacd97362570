/* This file owns how the notation of a command's arguments is read, and written as COMMAND DOCS does. */
#include "admin/syntax.h"

/* One argument; slices into the notation, empty where nothing is said. */
struct argument {
    struct rd_slice token, name, display, type, keys, since, deprecated;
    const char *parts; /* behind the bracket of a oneof or block */
    bool stands_for_itself, optional, multiple, repeats_token;
};

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_of_name(char c) { return is_lower(c) || is_digit(c) || c == '-'; }
static bool is_of_token(char c) { return is_upper(c) || is_digit(c) || c == '-'; }
static bool is_of_version(char c) { return is_digit(c) || c == '.'; }

static struct rd_slice take(const char **at, bool (*is_part)(char)) {
    const char *from = *at;
    while (is_part(**at)) (*at)++;
    return (struct rd_slice){from, (size_t)(*at - from)};
}

static bool take_char(const char **at, char c) {
    if (**at != c) return false;
    (*at)++;
    return true;
}

static bool take_text(const char **at, const char *text) {
    size_t length = strlen(text);
    if (strncmp(*at, text, length) != 0) return false;
    *at += length;
    return true;
}

/* How many members that makes: none where nothing is said. */
static size_t reply_member(struct rd_reply *reply, const char *name, struct rd_slice value) {
    if (!value.length) return 0;
    rd_reply_text(reply, name);
    rd_reply_slice(reply, value);
    return 1;
}

static void reply_lower(struct rd_reply *reply, struct rd_slice token) {
    char text[32];
    size_t length = token.length < sizeof text ? token.length : sizeof text;
    for (size_t i = 0; i < length; i++) text[i] = (char)(is_upper(token.bytes[i]) ? token.bytes[i] + 32 : token.bytes[i]);
    rd_reply_slice(reply, (struct rd_slice){text, length});
}

static size_t reply_flags(struct rd_reply *reply, const struct argument *argument) {
    size_t count = (size_t)argument->optional + argument->multiple + argument->repeats_token;
    if (count == 0) return 0;
    rd_reply_text(reply, "flags");
    rd_reply_set(reply, count);
    if (argument->optional) rd_reply_simple(reply, "optional", 8);
    if (argument->multiple) rd_reply_simple(reply, "multiple", 8);
    if (argument->repeats_token) rd_reply_simple(reply, "multiple_token", 14);
    return 1;
}

static bool reply_list(struct rd_reply *reply, const char **at, char between, char end);

static struct rd_slice type_of(const struct argument *argument) {
    if (argument->parts) return argument->parts[-1] == '(' ? (struct rd_slice){"oneof", 5} : (struct rd_slice){"block", 5};
    if (argument->stands_for_itself) return (struct rd_slice){"pure-token", 10};
    if (argument->type.length) return argument->type;
    return argument->keys.length ? (struct rd_slice){"key", 3} : (struct rd_slice){"string", 6};
}

static void reply_name(struct rd_reply *reply, const char *member, struct rd_slice name, struct rd_slice token) {
    rd_reply_text(reply, member);
    if (name.length) rd_reply_slice(reply, name);
    else reply_lower(reply, token);
}

/* Name, type and what is shown. */
static size_t reply_kind(struct rd_reply *reply, const struct argument *argument) {
    reply_name(reply, "name", argument->name, argument->token);
    (void)reply_member(reply, "type", type_of(argument));
    if (argument->parts) return 2;
    reply_name(reply, "display_text", argument->display.length ? argument->display : argument->name, argument->token);
    if (!argument->keys.length) return 3;
    rd_reply_text(reply, "key_spec_index");
    rd_reply_integer(reply, argument->keys.bytes[0] - '0');
    return 4;
}

static bool reply_argument(struct rd_reply *reply, const struct argument *argument) {
    size_t from = reply->length, members = reply_kind(reply, argument);
    members += reply_member(reply, "token", argument->token);
    members += reply_member(reply, "since", argument->since);
    members += reply_member(reply, "deprecated_since", argument->deprecated);
    members += reply_flags(reply, argument);
    bool reads = true;
    if (argument->parts) {
        rd_reply_text(reply, "arguments");
        const char *parts = argument->parts;
        reads = parts[-1] == '(' ? reply_list(reply, &parts, '|', ')') : reply_list(reply, &parts, ' ', '}');
        members++;
    }
    rd_reply_map_at(reply, from, members);
    return reads;
}

/* To behind the bracket that ends what was begun before: parts are read again, once their argument is known whole. */
static bool skip_parts(const char **at) {
    for (size_t depth = 1; **at; ) {
        char c = *(*at)++;
        depth += c == '(' || c == '{';
        depth -= c == ')' || c == '}';
        if (depth == 0) return true;
    }
    return false;
}

/* TOKEN, name, TOKEN name, or name=TOKEN. */
static bool read_names(const char **at, struct argument *argument) {
    argument->token = take(at, is_of_token);
    if (argument->token.length) {
        bool has_name = (*at)[0] == ' ' && is_lower((*at)[1]);
        argument->stands_for_itself = !has_name;
        if (!has_name) return true;
        (*at)++;
    }
    argument->name = take(at, is_of_name);
    if (argument->token.length || !take_char(at, '=')) return argument->name.length > 0;
    argument->token = take(at, is_of_token);
    argument->stands_for_itself = true;
    return argument->name.length > 0 && argument->token.length > 0;
}

/* What a name is of: how it is shown, its type or parts, and which keys it names. */
static bool read_kind(const char **at, struct argument *argument) {
    if (take_char(at, '\'')) {
        const char *end = strchr(*at, '\'');
        if (!end) return false;
        argument->display = (struct rd_slice){*at, (size_t)(end - *at)};
        *at = end + 1;
    }
    bool is_key = argument->name.length == 3 && memcmp(argument->name.bytes, "key", 3) == 0;
    if (take_char(at, ':')) argument->type = take(at, is_of_name);
    if (take_char(at, '#')) argument->keys = take(at, is_digit);
    else if (is_key && !argument->type.length) argument->keys = (struct rd_slice){"0", 1};
    if (!take_char(at, '(') && !take_char(at, '{')) return true;
    argument->parts = *at;
    return skip_parts(at);
}

static bool read_argument(const char **at, struct argument *argument) {
    argument->optional = take_char(at, '[');
    if (!read_names(at, argument) || (!argument->stands_for_itself && !read_kind(at, argument))) return false;
    if (take_char(at, '@')) argument->since = take(at, is_of_version);
    if (take_char(at, '!')) argument->deprecated = take(at, is_of_version);
    argument->multiple = take_text(at, " ...");
    argument->repeats_token = take_text(at, "+...");
    if (argument->optional) {
        if (!take_char(at, ']')) return false;
        argument->repeats_token = argument->repeats_token || take_text(at, "...");
    }
    argument->multiple = argument->multiple || argument->repeats_token;
    return true;
}

/* Arguments up to the character that ends them, which is read too. */
static bool reply_list(struct rd_reply *reply, const char **at, char between, char end) {
    size_t from = reply->length, count = 0;
    bool reads = true;
    do {
        struct argument argument = {0};
        reads = read_argument(at, &argument) && reply_argument(reply, &argument);
        count++;
    } while (reads && take_char(at, between));
    rd_reply_array_at(reply, from, count);
    return reads && *(*at)++ == end;
}

bool rd_syntax_reply(struct rd_reply *reply, const char *syntax) {
    const char *at = syntax;
    return reply_list(reply, &at, ' ', 0);
}
