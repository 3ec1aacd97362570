/*
 * This file owns glob matching. Only the last star is ever retried, so the cost is at most
 * pattern length x text length, whatever the pattern (Redis CVE-2022-36021 was the exponential kind).
 */
#include "base/glob.h"

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/*
 * Matches one pattern element at *at against c and moves *at behind it. Redis's rules: an unclosed '[' ends with the
 * pattern, a reversed range is swapped, a final backslash is itself.
 */
static bool element_matches(const char **at, const char *end, char c, bool ignore_case) {
    const char *p = *at;
    char text = ignore_case ? lower(c) : c;
    if (*p == '?') {
        *at = p + 1;
        return true;
    }
    if (*p != '[') {
        if (*p == '\\' && end - p >= 2) p++;
        *at = p + 1;
        return (ignore_case ? lower(*p) : *p) == text;
    }
    p++;
    bool negated = p < end && *p == '^', matched = false;
    if (negated) p++;
    while (p < end && *p != ']') {
        if (*p == '\\' && end - p >= 2) {
            p++;
            if ((ignore_case ? lower(*p) : *p) == text) matched = true;
            p++;
        } else if (end - p >= 3 && p[1] == '-') {
            char low = ignore_case ? lower(p[0]) : p[0], high = ignore_case ? lower(p[2]) : p[2];
            if ((unsigned char)low > (unsigned char)high) {
                char swap = low;
                low = high;
                high = swap;
            }
            if ((unsigned char)text >= (unsigned char)low && (unsigned char)text <= (unsigned char)high) matched = true;
            p += 3;
        } else {
            if ((ignore_case ? lower(*p) : *p) == text) matched = true;
            p++;
        }
    }
    *at = p < end ? p + 1 : p;
    return matched != negated;
}

bool rd_glob_match(struct rd_slice pattern, struct rd_slice text, bool ignore_case) {
    const char *p = pattern.bytes, *pattern_end = p + pattern.length;
    const char *t = text.bytes, *text_end = t + text.length;
    const char *star = NULL, *retry = NULL;
    for (;;) {
        if (p < pattern_end && *p == '*') {
            star = ++p;
            retry = t;
            if (p == pattern_end) return true;
            continue;
        }
        if (t == text_end) return p == pattern_end;
        if (p < pattern_end && element_matches(&p, pattern_end, *t, ignore_case)) {
            t++;
            continue;
        }
        if (!star) return false;
        p = star;
        t = ++retry;
    }
}
