/* This file owns how a field is written, and how the arguments on fields' times are read. */
#include "collection/field.h"

#include "collection/item.h"
#include "shape/word.h"

static struct rd_word time_word(int64_t expiry) {
    return expiry ? rd_word_of_integer(expiry) : rd_word_nothing();
}

/* Of a name, a value and a time, which a hash without times has no part for. */
static bool make_item(struct rd_shape *shape, struct rd_item *item, const struct rd_word words[3]) {
    return rd_item_of(item, shape, words, shape->kind & RD_SHAPE_TIMED ? 3 : 2);
}

bool rd_field_set(struct rd_call *call, struct rd_shape *shape, struct rd_slice name, const struct rd_word *value,
                  int64_t expiry, bool *created) {
    struct rd_word field = rd_word_of(name);
    if (expiry > 0 && !(shape->kind & RD_SHAPE_TIMED) && !rd_shape_make_timed(shape)) return false;
    struct rd_place_in at;
    bool lies_there = rd_shape_find(shape, &field, &at);
    *created = !lies_there || rd_field_is_over(call, shape, at.item);
    if (expiry == RD_FIELD_KEEPS_TIME) expiry = *created ? 0 : rd_field_time(shape, at.item);
    struct rd_word words[] = {field, *value, time_word(expiry)};
    struct rd_item item;
    if (!make_item(shape, &item, words)) return false;
    bool done = lies_there ? rd_shape_replace(shape, &at, item.bytes) : rd_shape_add(shape, &field, item.bytes);
    rd_item_drop(&item);
    return done;
}

bool rd_field_set_expiry(struct rd_shape *shape, const struct rd_word *name, struct rd_place_in *at, int64_t expiry) {
    if (!(shape->kind & RD_SHAPE_TIMED)) {
        if (!expiry) return true;
        if (!rd_shape_make_timed(shape) || !rd_shape_find(shape, name, at)) return false;
    }
    struct rd_word words[] = {*name, rd_word_of_part(rd_part_after(at->item)), time_word(expiry)};
    struct rd_item item;
    if (!make_item(shape, &item, words)) return false;
    bool done = rd_shape_replace(shape, at, item.bytes);
    rd_item_drop(&item);
    return done;
}

void rd_field_expire(struct rd_shape *shape, struct rd_place_in *at) {
    uint64_t before = shape->count;
    rd_shape_erase(shape, at);
    rd_counter_add(&shape->shard->expired_fields, before - shape->count);
}

bool rd_call_field_time(struct rd_call *call, struct rd_slice argument, enum rd_time_unit unit, bool absolute, int64_t *expiry) {
    int64_t value;
    if (!rd_call_integer(call, argument, &value)) return false;
    if (value < 0) {
        rd_reply_fail(call->reply, "ERR invalid expire time, must be >= 0");
        return false;
    }
    int64_t base = absolute ? 0 : call->now, factor = unit == RD_SECONDS ? 1000 : 1;
    if (value > RD_FIELD_LAST_TIME / factor || value * factor > RD_FIELD_LAST_TIME - base) {
        rd_reply_format_error(call->reply, "ERR invalid expire time in '%s' command", call->command->name);
        return false;
    }
    *expiry = value * factor + base;
    return true;
}

bool rd_call_fields(struct rd_call *call, uint32_t at, const char *complaint, struct rd_fields *fields) {
    if (at >= call->argc || !rd_slice_is(call->argv[at], "fields")) {
        rd_reply_fail(call->reply, "ERR Mandatory argument FIELDS is missing or not at the right position");
        return false;
    }
    int64_t count;
    if (at + 1 >= call->argc || !rd_parse_i64(call->argv[at + 1].bytes, call->argv[at + 1].length, &count) || count < 1) {
        rd_reply_format_error(call->reply, "ERR %s", complaint);
        return false;
    }
    if (count != (int64_t)call->argc - at - 2) {
        rd_reply_fail(call->reply, "ERR The `numfields` parameter must match the number of arguments");
        return false;
    }
    *fields = (struct rd_fields){at + 2, (uint32_t)count};
    return true;
}
