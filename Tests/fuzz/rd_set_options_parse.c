/*
 * Fuzzes rd_set_options_parse: the first byte says whose options, the lines are the words. An error is written exactly
 * when they are refused, upper case changes nothing, and what is accepted does not contradict itself.
 */
#include "call/set_options.h"

#include "call.h"

static bool parse(const struct fuzz_arguments *arguments, enum rd_option_set set, struct rd_set_options *options) {
    struct rd_call call = fuzz_call(arguments);
    *options = (struct rd_set_options){0};
    bool accepted = rd_set_options_parse(&call, 0, set, options);
    fuzz_require(accepted == (call.reply->length == 0));
    return accepted;
}

/* Is it one of the arguments, unchanged? */
static bool is_argument(const struct fuzz_arguments *arguments, struct rd_slice word) {
    for (uint32_t i = 0; i < arguments->count; i++) {
        if (arguments->at[i].bytes == word.bytes && arguments->at[i].length == word.length) return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const enum rd_option_set sets[] = {RD_OPTIONS_OF_SET, RD_OPTIONS_OF_GETEX, RD_OPTIONS_OF_MSETEX};
    if (size == 0) return 0;
    enum rd_option_set set = sets[data[0] % 3];
    const uint8_t *at = data + 1, *end = data + size;
    struct fuzz_arguments words = {.count = 0}, shouted = {.count = 0};
    fuzz_arguments_read(&words, &at, end);
    for (uint32_t i = 0; i < words.count; i++) {
        fuzz_arguments_add(&shouted, words.at[i].bytes, words.at[i].length);
        char *word = (char *)shouted.at[i].bytes;
        for (size_t j = 0; j < words.at[i].length; j++) word[j] = word[j] >= 'a' && word[j] <= 'z' ? word[j] - 32 : word[j];
    }
    fuzz_begin();
    struct rd_set_options options, loud;
    bool accepted = parse(&words, set, &options);
    fuzz_require(parse(&shouted, set, &loud) == accepted);
    if (accepted) {
        fuzz_require(options.condition == loud.condition && options.get == loud.get && options.unit == loud.unit);
        fuzz_require(options.keep_ttl == loud.keep_ttl && options.persist == loud.persist);
        fuzz_require(options.absolute == loud.absolute && !options.expire.bytes == !loud.expire.bytes);
        fuzz_require((options.expire.bytes != NULL) + options.keep_ttl + options.persist <= 1);
        fuzz_require(!options.expire.bytes || is_argument(&words, options.expire));
        fuzz_require(options.condition < RD_IF_EQUAL || is_argument(&words, options.operand));
        fuzz_require(set == RD_OPTIONS_OF_GETEX || !options.persist);
        fuzz_require(set == RD_OPTIONS_OF_SET || (!options.get && options.condition < RD_IF_EQUAL));
        int64_t expiry;
        struct rd_call call = fuzz_call(&words);
        if (options.expire.bytes && rd_call_expiry(&call, options.expire, options.unit, options.absolute, true, &expiry)) {
            fuzz_require(expiry > 0 && (options.absolute || expiry > FUZZ_NOW) && call.reply->length == 0);
            fuzz_require(options.unit == RD_MILLISECONDS || options.absolute || expiry % 1000 == FUZZ_NOW % 1000);
        }
    }
    fuzz_arguments_free(&words);
    fuzz_arguments_free(&shouted);
    fuzz_end();
    return 0;
}
