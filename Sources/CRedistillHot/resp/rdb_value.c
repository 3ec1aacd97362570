/* This file owns reading values with a shape. */
#include "resp/rdb_value.h"

#include <math.h>
#include <string.h>

#include "resp/intset.h"
#include "resp/listpack.h"
#include "resp/ziplist.h"

/* Where the times of a hash's fields are. */
enum times {
    NONE,
    BEFORE, /* in front of each field, or behind it in a listpack; and in front of all a first one */
    BEHIND, /* behind each value */
};

/* What a type's items look like. */
struct rd_rdb_layout {
    uint8_t form;    /* enum rd_rdb_form */
    enum rd_rdb_shape shape;
    bool (*open)(struct rd_packed *packed, struct rd_slice run); /* NULL: strings, one after the other */
    bool in_pieces;  /* so many runs, or single elements */
    enum times times;
};

static const struct rd_rdb_layout layouts[] = {
    {RD_RDB_LIST, RD_RDB_IS_LIST, NULL, false, NONE},
    {RD_RDB_SET, RD_RDB_IS_SET, NULL, false, NONE},
    {RD_RDB_ZSET, RD_RDB_IS_ZSET, NULL, false, NONE},
    {RD_RDB_HASH, RD_RDB_IS_HASH, NULL, false, NONE},
    {RD_RDB_ZSET_2, RD_RDB_IS_ZSET, NULL, false, NONE},
    {RD_RDB_HASH_ZIPMAP, RD_RDB_IS_HASH, rd_zipmap_open, false, NONE},
    {RD_RDB_LIST_ZIPLIST, RD_RDB_IS_LIST, rd_ziplist_open, false, NONE},
    {RD_RDB_SET_INTSET, RD_RDB_IS_SET, rd_intset_open, false, NONE},
    {RD_RDB_ZSET_ZIPLIST, RD_RDB_IS_ZSET, rd_ziplist_open, false, NONE},
    {RD_RDB_HASH_ZIPLIST, RD_RDB_IS_HASH, rd_ziplist_open, false, NONE},
    {RD_RDB_LIST_QUICKLIST, RD_RDB_IS_LIST, rd_ziplist_open, true, NONE},
    {RD_RDB_HASH_LISTPACK, RD_RDB_IS_HASH, rd_listpack_open, false, NONE},
    {RD_RDB_ZSET_LISTPACK, RD_RDB_IS_ZSET, rd_listpack_open, false, NONE},
    {RD_RDB_LIST_QUICKLIST_2, RD_RDB_IS_LIST, rd_listpack_open, true, NONE},
    {RD_RDB_SET_LISTPACK, RD_RDB_IS_SET, rd_listpack_open, false, NONE},
    {RD_RDB_HASH_OF_VALKEY, RD_RDB_IS_HASH, NULL, false, BEHIND},
    {RD_RDB_HASH_METADATA, RD_RDB_IS_HASH, NULL, false, BEFORE},
    {RD_RDB_HASH_LISTPACK_EX, RD_RDB_IS_HASH, rd_listpack_open, false, BEFORE},
};

static const struct rd_rdb_layout *layout_of(uint8_t form) {
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        if (layouts[i].form == form) return &layouts[i];
    }
    return NULL;
}

bool rd_rdb_value_is_known(uint8_t form, unsigned version) {
    const struct rd_rdb_layout *layout = layout_of(form);
    return layout && (layout->times != BEHIND || version >= RD_RDB_VERSION_VALKEY);
}

enum rd_status rd_rdb_value_begin(struct rd_rdb_value *value, uint8_t form, unsigned version, struct rd_rdb_cursor cursor,
                                  struct rd_rdb_memory *memory) {
    *value = (struct rd_rdb_value){.cursor = cursor, .memory = memory};
    if (!rd_rdb_value_is_known(form, version)) return RD_ERR_INVALID;
    const struct rd_rdb_layout *layout = layout_of(form);
    value->layout = layout;
    value->shape = layout->shape;
    value->may_have_times = layout->times != NONE;
    value->left = 1;
    if (layout->times == BEFORE && !rd_rdb_get_eight(&value->cursor, &value->first_time)) return RD_ERR_INVALID;
    if ((!layout->open || layout->in_pieces) && !rd_rdb_get_length(&value->cursor, &value->left)) return RD_ERR_INVALID;
    return RD_OK;
}

/* A string, unpacked. */
static enum rd_rdb_step get_string(struct rd_rdb_value *value, enum rd_rdb_room which, struct rd_slice *text) {
    struct rd_rdb_string *string = &value->strings[which];
    if (!rd_rdb_get_string(&value->cursor, string)) return RD_RDB_BAD;
    *text = string->bytes;
    if (!string->compressed) return RD_RDB_ITEM;
    if (!rd_rdb_may_unpack(string, value->memory->most)) return RD_RDB_BAD;
    char *room = value->memory->room(value->memory, which, string->length);
    if (!room) return RD_RDB_NO_MEMORY;
    if (rd_rdb_unpack(string, room) != RD_OK) return RD_RDB_BAD;
    *text = (struct rd_slice){room, (size_t)string->length};
    return RD_RDB_ITEM;
}

static enum rd_rdb_step get_element(struct rd_rdb_value *value, enum rd_rdb_room which, struct rd_element *element) {
    struct rd_slice text;
    enum rd_rdb_step step = get_string(value, which, &text);
    const struct rd_rdb_string *string = &value->strings[which];
    *element = (struct rd_element){.text = text, .is_integer = string->is_integer, .integer = string->integer};
    return step;
}

/* The next piece of a list, or the one run of a value that is packed. An element by itself is an item already. */
static enum rd_rdb_step begin_run(struct rd_rdb_value *value, const struct rd_rdb_layout *layout, struct rd_rdb_item *item) {
    uint64_t kind = RD_RDB_PIECE_PACKED;
    if (layout->form == RD_RDB_LIST_QUICKLIST_2 && !rd_rdb_get_length(&value->cursor, &kind)) return RD_RDB_BAD;
    if (kind == RD_RDB_PIECE_PLAIN) {
        enum rd_rdb_step step = get_element(value, RD_RDB_ROOM_RUN, &item->first);
        bool is_empty = step == RD_RDB_ITEM && !item->first.is_integer && item->first.text.length == 0;
        return is_empty ? RD_RDB_BAD : step;
    }
    if (kind != RD_RDB_PIECE_PACKED) return RD_RDB_BAD;
    struct rd_slice run;
    enum rd_rdb_step step = get_string(value, RD_RDB_ROOM_RUN, &run);
    if (step != RD_RDB_ITEM) return step;
    value->in_run = layout->open(&value->run, run);
    return value->in_run ? RD_RDB_ITEM : RD_RDB_BAD;
}

/* Another element of the run, which must not end within an item. */
static bool take(struct rd_rdb_value *value, struct rd_element *element) {
    return rd_packed_next(&value->run, element) == RD_PACKED_ELEMENT;
}

static bool score_of(const struct rd_element *element, double *score) {
    if (!element->is_integer) return rd_rdb_double_of(element->text, score);
    *score = (double)element->integer;
    return true;
}

static bool take_time(struct rd_rdb_value *value, struct rd_rdb_item *item) {
    struct rd_element time;
    if (!take(value, &time) || !time.is_integer || time.integer < 0) return false;
    item->time = time.integer;
    return (uint64_t)time.integer <= RD_RDB_FIELD_TIME_MOST;
}

static enum rd_rdb_step next_of_run(struct rd_rdb_value *value, struct rd_rdb_item *item) {
    enum rd_packed_step first = rd_packed_next(&value->run, &item->first);
    if (first == RD_PACKED_END) return RD_RDB_END;
    bool sound = first == RD_PACKED_ELEMENT;
    if (sound && value->shape == RD_RDB_IS_HASH) {
        sound = take(value, &item->second) && (!value->may_have_times || take_time(value, item));
    } else if (sound && value->shape == RD_RDB_IS_ZSET) {
        sound = take(value, &item->second) && score_of(&item->second, &item->score);
    }
    return sound ? RD_RDB_ITEM : RD_RDB_BAD;
}

static enum rd_rdb_step next_packed(struct rd_rdb_value *value, const struct rd_rdb_layout *layout, struct rd_rdb_item *item) {
    for (;;) {
        if (value->in_run) {
            enum rd_rdb_step step = next_of_run(value, item);
            if (step != RD_RDB_END) return step;
            value->in_run = false; /* a piece without an element counts as none, as in Redis */
        }
        if (value->left == 0) return RD_RDB_END;
        value->left--;
        enum rd_rdb_step step = begin_run(value, layout, item);
        if (step != RD_RDB_ITEM || !value->in_run) return step;
    }
}

/* The time in front of a field, which counts from the first one. */
static bool get_time(struct rd_rdb_value *value, struct rd_rdb_item *item) {
    uint64_t after, time;
    if (!rd_rdb_get_length(&value->cursor, &after)) return false;
    if (after == 0) return true;
    if (__builtin_add_overflow(after - 1, value->first_time, &time) || time > RD_RDB_FIELD_TIME_MOST) return false;
    item->time = (int64_t)time;
    return true;
}

/* The time behind a field's value; what is long over may be written as anything. */
static bool get_time_behind(struct rd_rdb_value *value, struct rd_rdb_item *item) {
    uint64_t time;
    if (!rd_rdb_get_eight(&value->cursor, &time)) return false;
    if (time == UINT64_MAX) return true;
    item->time = (int64_t)time < 1 ? 1 : (int64_t)time;
    return item->time <= (int64_t)RD_RDB_FIELD_TIME_MOST;
}

static bool get_score(struct rd_rdb_value *value, struct rd_rdb_item *item) {
    uint64_t bits;
    if (value->layout->form == RD_RDB_ZSET) return rd_rdb_get_double_text(&value->cursor, &item->score);
    if (!rd_rdb_get_eight(&value->cursor, &bits)) return false;
    memcpy(&item->score, &bits, sizeof bits);
    return !isnan(item->score);
}

static enum rd_rdb_step next_of_strings(struct rd_rdb_value *value, const struct rd_rdb_layout *layout, struct rd_rdb_item *item) {
    if (value->left == 0) return RD_RDB_END;
    value->left--;
    if (layout->times == BEFORE && !get_time(value, item)) return RD_RDB_BAD;
    enum rd_rdb_step step = get_element(value, RD_RDB_ROOM_FIRST, &item->first);
    if (step == RD_RDB_ITEM && layout->shape == RD_RDB_IS_HASH) step = get_element(value, RD_RDB_ROOM_SECOND, &item->second);
    if (step != RD_RDB_ITEM) return step;
    bool sound = layout->shape != RD_RDB_IS_ZSET || get_score(value, item);
    return sound && (layout->times != BEHIND || get_time_behind(value, item)) ? RD_RDB_ITEM : RD_RDB_BAD;
}

enum rd_rdb_step rd_rdb_value_next(struct rd_rdb_value *value, struct rd_rdb_item *item) {
    const struct rd_rdb_layout *layout = value->layout;
    item->time = 0;
    enum rd_rdb_step step = layout->open ? next_packed(value, layout, item) : next_of_strings(value, layout, item);
    if (step == RD_RDB_ITEM) value->items++;
    return step == RD_RDB_END && value->items == 0 ? RD_RDB_BAD : step;
}
