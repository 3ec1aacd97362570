/* This file owns the drawing of batches. */
#include "observe/thinning.h"

/* After so long the ratio follows the traffic. */
#define WINDOW_MS 10

static uint64_t draw(struct rd_thinning *thinning, uint64_t below) {
    thinning->random ^= thinning->random << 13; /* Marsaglia's xorshift, 2003 */
    thinning->random ^= thinning->random >> 7;
    thinning->random ^= thinning->random << 17;
    return thinning->random % below;
}

void rd_thinning_begin(struct rd_thinning *thinning, int64_t now) {
    uint64_t random = thinning->random ? thinning->random : (uint64_t)now * 2 + 1;
    *thinning = (struct rd_thinning){.ratio = 1, .random = random, .since_ms = now};
}

/* What the last batch that was looked at held counts for a quarter of the average. */
static void learn(struct rd_thinning *thinning) {
    uint64_t held = 16 * thinning->items;
    thinning->average_16 = thinning->average_16 ? (3 * thinning->average_16 + held) / 4 : held;
    thinning->items = 0;
    thinning->looks = false;
}

static void follow(struct rd_thinning *thinning, uint64_t sample, uint64_t a_ms, int64_t now) {
    uint64_t allowed_16 = (uint64_t)(now - thinning->since_ms) * a_ms * 16;
    uint64_t would_16 = thinning->batches * thinning->average_16 / sample;
    thinning->ratio = would_16 > allowed_16 ? (would_16 + allowed_16 - 1) / allowed_16 : 1;
    uint64_t most = 2 * thinning->ratio * sample - 2; /* that could have been drawn */
    if (thinning->skip > most) thinning->skip = most;
    thinning->since_ms = now;
    thinning->batches = 0;
}

bool rd_thinning_takes(struct rd_thinning *thinning, uint64_t sample, uint64_t a_ms, int64_t now) {
    if (thinning->looks) learn(thinning);
    if (now - thinning->since_ms >= WINDOW_MS) follow(thinning, sample, a_ms, now);
    thinning->batches++;
    if (thinning->skip > 0) {
        thinning->skip--;
        return false;
    }
    /* Between two that are looked at lie ratio - 1 on average, and never as many twice: no rhythm of clients fits. */
    thinning->skip = draw(thinning, 2 * thinning->ratio * sample - 1);
    thinning->looks = true;
    return true;
}
