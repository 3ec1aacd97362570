/* This file owns replying, counting and storing what a command of many sets finds. */
#include "collection/outcome.h"

void rd_outcome_begin(struct rd_outcome *outcome, struct rd_call *call, enum rd_purpose purpose) {
    outcome->call = call;
    outcome->purpose = purpose;
    outcome->count = outcome->most = 0;
    outcome->out_of_memory = false;
    outcome->reply_from = rd_reply_mark(call->reply);
    rd_gathered_begin(&outcome->members, outcome->few, sizeof outcome->few);
}

static bool keep(struct rd_outcome *outcome, const char *member) {
    size_t room = rd_part_room(member);
    char *end = rd_gathered_extend(&outcome->members, outcome->call->store, room);
    if (!end) {
        outcome->out_of_memory = true;
        return false;
    }
    memcpy(end, member, room);
    outcome->count++;
    return true;
}

bool rd_outcome_add(struct rd_outcome *outcome, const char *member) {
    if (outcome->purpose == RD_TO_STORE) return keep(outcome, member);
    outcome->count++;
    if (outcome->purpose == RD_TO_COUNT) return outcome->count != outcome->most;
    rd_reply_part(outcome->call->reply, member);
    return !outcome->call->reply->failed;
}

/* Whatever is there is replaced, its time to live too. False: OOM has been replied. */
static bool store(struct rd_outcome *outcome, const struct rd_multi *multi) {
    struct rd_call *call = outcome->call;
    struct rd_shape set;
    if (!rd_call_open_anew(call, &set, rd_multi_shard(multi, 0), multi->hashes[0], rd_call_key_at(call, 1), RD_VALUE_SET,
                           outcome->members.length)) {
        return false;
    }
    (void)rd_shape_fill(&set, (struct rd_slice){outcome->members.bytes, outcome->members.length}, outcome->count);
    return rd_call_close_over(call, &set);
}

void rd_outcome_end(struct rd_outcome *outcome, const struct rd_multi *multi) {
    struct rd_reply *reply = outcome->call->reply;
    if (outcome->out_of_memory) {
        rd_reply_oom_from(reply, outcome->reply_from);
    } else if (outcome->purpose == RD_TO_REPLY) {
        rd_reply_set_at(reply, outcome->reply_from.length, outcome->count);
    } else if (outcome->purpose == RD_TO_COUNT || store(outcome, multi)) {
        rd_reply_integer(reply, (int64_t)outcome->count);
    }
    rd_gathered_end(&outcome->members);
}
