/* This file owns what is told of a run. */
#include "report.h"

#include <stdio.h>

struct quantile {
    const char *name;
    double share;
};

static const struct quantile quantiles[] = {
    {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"p99.99", 0.9999},
};

#define BENCH_QUANTILES (sizeof quantiles / sizeof *quantiles)

static double quantile_us(const struct bench_result *result, const struct quantile *quantile) {
    return (double)bench_histogram_quantile(&result->latency, quantile->share) / 1e3;
}

static double rate(const struct bench_result *result) {
    return result->seconds > 0 ? (double)result->operations / result->seconds : 0;
}

static double per_operation(const struct bench_result *result, int64_t ns) {
    return result->operations ? (double)ns / (double)result->operations : 0;
}

/* The failure's text is printable ASCII; only these two need care inside a JSON string. */
static void print_json_text(const char *text) {
    putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') putchar('\\');
        putchar(*text);
    }
    putchar('"');
}

static double hit_share(const struct bench_result *result) {
    return (double)result->hits / (double)result->reads;
}

/* [the largest ns that a bucket stands for, how many]: of those that hold any. */
static void print_histogram_json(const struct bench_histogram *histogram) {
    const char *separator = "";
    printf(", \"histogram\": [");
    for (uint32_t i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++) {
        if (histogram->counts[i] == 0) continue;
        printf("%s[%lu, %lu]", separator, bench_histogram_top(i), histogram->counts[i]);
        separator = ", ";
    }
    putchar(']');
}

static void print_result_json(const struct bench_options *options, const struct bench_result *result) {
    printf(", \"operations\": %lu, \"seconds\": %.6f, \"ops_per_s\": %.1f", result->operations, result->seconds,
           rate(result));
    for (size_t i = 0; i < BENCH_QUANTILES; i++) {
        printf(", \"%s_us\": %.3f", quantiles[i].name, quantile_us(result, &quantiles[i]));
    }
    printf(", \"max_us\": %.3f", (double)result->latency.largest / 1e3);
    print_histogram_json(&result->latency);
    if (result->reads) printf(", \"hits\": %.6f", hit_share(result));
    else printf(", \"hits\": null");
    printf(", \"client_user_s\": %.6f, \"client_system_s\": %.6f", (double)result->client.user_ns / 1e9,
           (double)result->client.system_ns / 1e9);
    if (options->server_pid) {
        printf(", \"server_user_s\": %.6f, \"server_system_s\": %.6f, \"server_total_s\": %.6f",
               (double)result->server.user_ns / 1e9, (double)result->server.system_ns / 1e9,
               (double)result->server.total_ns / 1e9);
    }
    printf(", \"stolen_s\": %.2f", (double)result->stolen_ns / 1e9);
    printf(", \"errors\": %u", result->errors);
    if (result->errors) {
        printf(", \"failure\": ");
        print_json_text(result->failure);
    }
}

static void print_result_text(const struct bench_options *options, const struct bench_result *result) {
    if (result->errors) {
        fprintf(stderr, "failed: %s\n", result->failure);
        return;
    }
    fprintf(stderr, "%lu operations in %.2f s: %.0f/s;", result->operations, result->seconds, rate(result));
    for (size_t i = 0; i < BENCH_QUANTILES; i++) {
        fprintf(stderr, " %s %.1f", quantiles[i].name, quantile_us(result, &quantiles[i]));
    }
    fprintf(stderr, " max %.1f us\n", (double)result->latency.largest / 1e3);
    fprintf(stderr, "CPU ns per operation: load %.0f (user %.0f)", per_operation(result, result->client.total_ns),
            per_operation(result, result->client.user_ns));
    if (options->server_pid) {
        fprintf(stderr, ", server %.0f (user %.0f)", per_operation(result, result->server.total_ns),
                per_operation(result, result->server.user_ns));
    }
    if (options->misses && result->reads) fprintf(stderr, "; %.2f %% of the keys found", 100 * hit_share(result));
    fputc('\n', stderr);
}

void bench_report(const struct bench_options *options, double preload_seconds, const struct bench_result *result) {
    printf("{\"pipeline\": %u, \"connections\": %u, \"keys\": %u", options->pipeline, options->connections,
           options->keys);
    if (preload_seconds >= 0) {
        printf(", \"preload_s\": %.3f", preload_seconds);
        fprintf(stderr, "%u keys preloaded in %.2f s\n", options->keys, preload_seconds);
    }
    if (result) {
        print_result_json(options, result);
        print_result_text(options, result);
    }
    printf("}\n");
}
