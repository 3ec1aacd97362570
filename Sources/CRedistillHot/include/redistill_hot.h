/*
 * redistill_hot.h: all that the Swift control plane sees of the hot path.
 *
 * A server is created from a plain options struct and a table of callbacks, started, drained and destroyed.
 * It owns its threads: one listener, N workers and, when asked for, one control thread for HTTP.
 * Every data command is served inside; the callbacks are for what needs the control plane.
 *
 * Times are milliseconds and sizes are bytes unless a name says otherwise. Strings in slices are not
 * terminated and may hold any byte. No third-party type is visible here.
 */
#ifndef REDISTILL_HOT_H
#define REDISTILL_HOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The Redis whose commands and replies are emulated: what HELLO and INFO tell clients that parse it. */
#define RD_REDIS_VERSION "7.4.0"

#define RD_MUST_USE __attribute__((warn_unused_result))

/* Why a call failed. RD_OK is 0; everything else is a failure that the caller must handle. */
enum rd_status {
    RD_OK = 0,
    RD_ERR_NO_MEMORY,     /* an allocation failed, or the memory limit leaves no room */
    RD_ERR_INVALID,       /* an argument is outside its documented range */
    RD_ERR_ADDRESS,       /* an address can't be parsed or resolved */
    RD_ERR_BIND,          /* bind or listen failed: in use, no permission, not local */
    RD_ERR_SYSTEM,        /* another system call failed; os_error says which error */
    RD_ERR_THREAD,        /* a thread could not be created */
    RD_ERR_STATE,         /* the call does not fit the server's state */
    RD_ERR_TIMEOUT,       /* the deadline passed first */
    RD_ERR_LIMIT,         /* a configured limit refuses it */
};

/* A failure as a person reads it. `message` is one sentence without a final full stop, always terminated. */
struct rd_error {
    enum rd_status status;
    int os_error;       /* errno, or 0 */
    char message[256];
};

/* Borrowed bytes: valid only for the call that they are passed to. */
struct rd_slice {
    const char *bytes;
    size_t length;
};

/*
 * Settings: numbers that may change while the server runs. Workers read them with relaxed atomics, so a change
 * takes effect within one loop turn. Each comment gives unit, range and default.
 */
enum rd_setting {
    RD_SET_MAX_CONNECTIONS = 0,   /* connections; 0 = no limit; default 10,000 */
    RD_SET_IDLE_TIMEOUT,          /* ms without a request before a connection is closed; 0 = never (default) */
    RD_SET_CONNECTION_RATE,       /* new connections a second in total; 0 = no limit (default) */
    RD_SET_TCP_NODELAY,           /* 0 or 1 (default) */
    RD_SET_TCP_KEEPALIVE,         /* seconds of silence before the kernel probes; 0 = off; default 300 */
    RD_SET_MAX_MEMORY,            /* bytes; 0 = no limit (default) */
    RD_SET_EVICTION_SAMPLES,      /* 1..64, for the policies that sample; default 5 */
    RD_SET_MAX_BULK_LENGTH,       /* bytes of one argument, 1 KiB..4 GiB-1; default 512 MiB */
    RD_SET_QUERY_BUFFER_LIMIT,    /* bytes of an unfinished argument, and of what MULTI queued; default 1 GiB */
    RD_SET_OUTPUT_LIMIT,          /* bytes of unsent replies before a connection is closed; 0 = no limit; default 1 GiB */
    RD_SET_OUTPUT_SOFT_LIMIT,     /* bytes of unsent replies allowed for OUTPUT_SOFT_TIME; 0 = off (default) */
    RD_SET_OUTPUT_SOFT_TIME,      /* ms; default 0 */
    RD_SET_AUTH_REQUIRED,         /* 0 (default) or 1: commands other than AUTH, HELLO, QUIT and RESET need a password */
    RD_SET_AUTH_TIMEOUT,          /* ms that a connection may stay unauthenticated; 0 = for ever; default 60,000 */
    RD_SET_PROTECTED_MODE,        /* 0 or 1 (default): without a password only loopback peers and Unix sockets are served */
    RD_SET_BATCH_SIZE,            /* commands taken through scan, prefetch and execute together, 1..256; default 64 */
    RD_SET_EXPIRE_EFFORT,         /* 1..10, share of a worker that the background sweep may take, as in Redis; default 1 */
    RD_SET_TLS_HANDSHAKE_TIMEOUT, /* ms; default 10,000 */
    RD_SET_SLOWLOG_SLOWER_THAN,   /* us; 0 logs every command, RD_SLOWLOG_OFF none; default 10,000 */
    RD_SET_SLOWLOG_MAX_LEN,       /* entries of the slow log, 0..1,000,000; default 128 */
    RD_SET_SLOWLOG_ENTRY_ARGS,    /* arguments that the command logs keep of a command, 2..1,000,000; default 32 */
    RD_SET_SLOWLOG_ENTRY_BYTES,   /* bytes that they keep of an argument, 1..1 GiB; default 128 */
    RD_SET_LARGE_REQUEST,         /* bytes from which a request is logged; 0: every one, RD_SLOWLOG_OFF: none; default 1 MiB */
    RD_SET_LARGE_REQUEST_MAX_LEN, /* entries of that log, 0..1,000,000; default 128 */
    RD_SET_LARGE_REPLY, RD_SET_LARGE_REPLY_MAX_LEN, /* the same for replies */
    RD_SET_CONNECTION_RATE_PER_ADDRESS, /* the same as CONNECTION_RATE for one address, an IPv6 /64; 0 = no limit (default) */
    RD_SET_TLS_HANDSHAKE_LIMIT,   /* TLS handshakes under way; more are refused; 0 = no limit; default 1,000 */
    RD_SET_AUTH_FAILURE_DELAY,    /* ms that a wrong password waits where many came; 0 = off; default 500 */
    RD_SET_LATENCY_THRESHOLD,     /* ms from which the latency monitor keeps a command's time; 0 = off (default) */
    RD_SET_DEBUG_COMMAND,         /* enum rd_debug_command: who may use DEBUG; default RD_DEBUG_NO */
    RD_SET_LATENCY_TRACKING,      /* 0/1: latencies of commands are kept; default 1 */
    RD_SET_LFU_DECAY_TIME,        /* minutes in which an unused key loses one of its frequency; 0 = never; default 1 */
    RD_SET_MAX_CLIENT_MEMORY,     /* bytes that clients may make the server hold together; 0 = no limit (default) */
    RD_SET_TRACKING_KEYS,         /* keys that CLIENT TRACKING remembers at most, for all clients; 0 = any; default 1,048,576 */
    RD_SET_SCRIPT_TIME_LIMIT,     /* ms from which a script makes others be told BUSY; it ends after twice as many, and a second. 0 = any; default 5,000 */
    RD_SET_HTTP_CONNECTIONS,      /* connections of the HTTP port; one more closes the oldest; default 64 */
    RD_SET_TELL_CONNECTIONS,      /* 0 (default) or 1: events tell of connections that open and close */
    RD_SET_TLS_USER,              /* 0 (default) or 1: the common name of a client's certificate is the user that it logs in as */
    RD_SET_TELL_ADMIN_CALLS,      /* 0 (default) or 1: events tell of every command of administration */
    /* A value with a shape is packed up to so many items, 0..65,536, and bytes of one; RD_SET_SET_INTEGERS are of a set of integers. */
    RD_SET_HASH_ENTRIES, RD_SET_HASH_VALUE, RD_SET_ZSET_ENTRIES, RD_SET_ZSET_VALUE, /* default 512, 64, 128, 64 */
    RD_SET_SET_ENTRIES, RD_SET_SET_VALUE, RD_SET_SET_INTEGERS,                      /* default 128, 64, 512 */
    RD_SET_LIST_ENTRIES, RD_SET_LIST_BYTES, /* 0 = any number (default); of all together, 4 KiB..64 KiB, default 8 KiB */
    RD_SETTING_COUNT
};

enum rd_debug_command {
    RD_DEBUG_NO = 0,
    RD_DEBUG_LOCAL, /* connections from this machine */
    RD_DEBUG_YES,
};

#define RD_SLOWLOG_OFF INT64_MAX

/* One address to listen on. Strings are copied by rd_server_create. */
struct rd_endpoint {
    const char *address;  /* "127.0.0.1", "::1", "0.0.0.0", "*", or a path when unix_socket is set */
    uint16_t port;        /* 0 lets the system choose, for all addresses alike where it can; see rd_server_port */
    bool tls;             /* speak TLS here; needs rd_server_set_tls before the start */
    bool unix_socket;
    int inherited;        /* a socket that listens there already, of a process before; taken over at the start. 0: none */
    bool optional;        /* it is no failure when this machine does not have the address, as Redis's "-::1" */
    bool proxy_protocol;  /* each connection begins with a PROXY protocol header, version 1 or 2 */
    uint16_t unix_mode;   /* permission bits of the socket file, such as 0770; 0 = by umask */
};

/*
 * Crash reports: from now on a fatal signal of the calling thread, or of a server made with this, is told on a
 * descriptor, with a backtrace, before the process ends as it would have. Once in a process, for its life. NULL when
 * memory is out, and where a sanitizer does the same.
 */
struct rd_crash;
struct rd_crash *rd_crash_install(const char *version, int log);
/* Any thread: the log's descriptor is another one now. NULL is allowed. */
void rd_crash_set_log(struct rd_crash *crash, int log);

/* What becomes of the keys when the server ends. */
enum rd_keeping {
    RD_KEEP_NOTHING,     /* they end with it */
    RD_KEEP_RESTARTS,    /* they outlive it in shared memory: rd_server_park */
    RD_KEEP_AFTER_CRASH, /* the same, and where it has crashed the next server recovers them. One worker then locks shards, too */
};

/* What can't change after creation. Zero means the default in every field. */
struct rd_options {
    uint32_t databases;            /* 1..256, that SELECT may choose from; default 16 */
    uint8_t database_shares[256];  /* percent of the memory limit that belong to a database alone; 0 = none. At most 100 in all */
    uint32_t workers;              /* 1..1024; default: online processors that this process may use */
    uint32_t num_shards;           /* power of two, 1..65,536; default: by workers and memory limit, 16..1,024 */
    uint32_t read_buffer_size;     /* bytes per worker, 16 KiB..64 MiB; default 64 KiB */
    uint32_t listen_backlog;       /* default 511 */
    const struct rd_endpoint *endpoints;  /* borrowed for the call */
    size_t endpoint_count;         /* at least 1 */
    const char *http_address;      /* NULL: no HTTP */
    uint16_t http_port;
    bool http_enabled;
    bool pin_workers;              /* bind worker i to the i-th allowed processor; default off */
    struct rd_crash *crash;        /* its threads report their crashes there; NULL: they don't. Outlives the server */
    enum rd_keeping keeping;
    int parked_store;              /* memory that a server before has left, taken over; 0: there is none */
    uint64_t recovery_memory;      /* bytes that may be resident while keys are recovered; 0: any number */
    bool owns_process;             /* nothing else of weight lives here: what grows resident counts against the limit */
    int64_t settings[RD_SETTING_COUNT];   /* -1 = the default of that setting */
    const char *snapshot_path;     /* NULL: there are no snapshots. Else what is there is loaded by the start: until that is over, commands on keys are refused with LOADING */
    const char *eviction_policy;   /* see rd_policy_name; NULL = "noeviction" */
};

struct rd_server;
struct rd_reply;

/* The connection that a callback is about. Borrowed for the call. */
struct rd_peer {
    uint64_t connection_id;
    const char *address;   /* "ip:port", "[ip]:port" or "/path:0" of a Unix socket, terminated */
    bool tls;
    bool authenticated;
    const char *user;      /* terminated: "default", or the one of [[users]] that it has logged in as */
};

/* Something worth a log line. */
enum rd_event_kind {
    RD_EVENT_CONNECTION_REJECTED, /* detail: the reason; peer set */
    RD_EVENT_AUTH_FAILED,         /* peer set */
    RD_EVENT_SECURITY_ATTACK,     /* "POST" or "Host:" came on the port; peer set */
    RD_EVENT_ACCEPT_PAUSED,       /* descriptors or memory ran out; detail: the system's error */
    RD_EVENT_ACCEPT_RESUMED,
    RD_EVENT_OUTPUT_LIMIT,        /* a peer that does not read was closed; peer set */
    RD_EVENT_TLS_FAILED,          /* a handshake failed; detail: OpenSSL's reason */
    RD_EVENT_WORKER_FAILED,       /* a worker could not go on; detail says why */
    RD_EVENT_PIN_FAILED,          /* a worker is not bound to a processor; detail: the system's error */
    RD_EVENT_TLS_ON_PLAIN,        /* a TLS hello came on a plain port; peer set */
    RD_EVENT_PLAIN_ON_TLS,        /* something else than a TLS hello came on a TLS port; peer set */
    RD_EVENT_CLIENTS_EVICTED,     /* clients together held more than max_client_memory; peer and detail of the largest */
    RD_EVENT_STRANGERS_CLOSED,    /* the same of those who had not said the password */
    RD_EVENT_PROXY_HEADER,        /* a PROXY protocol header came where none is expected; peer set */
    RD_EVENT_NO_PROXY_HEADER,     /* an endpoint with proxy_protocol got none; peer set, detail may be */
    RD_EVENT_TLS_NOT_BEGUN,       /* a TLS port was left without a byte, as by a balancer's probe; peer set */
    RD_EVENT_CONNECTION_OPENED,   /* with RD_SET_TELL_CONNECTIONS; peer set */
    RD_EVENT_CONNECTION_CLOSED,   /* likewise; detail: who ended it */
    RD_EVENT_FLUSHED,             /* all keys of one or all databases are gone; detail: the command, peer set */
    RD_EVENT_ADMIN_COMMAND,       /* what watches, stops or disturbs others; detail: the command, peer set */
    RD_EVENT_ACCESS_DENIED,       /* a user was refused a command; detail: the command, a space, and "command", "key" or "database" */
    RD_EVENT_CERTIFICATE_UNKNOWN, /* with RD_SET_TLS_USER: a certificate names no user; peer set */
    RD_EVENT_LOGGED_IN,           /* a user other than default has logged in; peer set */
    RD_EVENT_ADMIN_CALL,          /* with RD_SET_TELL_ADMIN_CALLS: any command of administration; detail: the command, peer set */
    RD_EVENT_SNAPSHOT_SAVED,      /* detail: keys, bytes, time */
    RD_EVENT_SNAPSHOT_FAILED,     /* the file that was there is as it was; detail: what failed */
    RD_EVENT_SNAPSHOT_LOADED,     /* detail: keys, expired ones, time */
    RD_EVENT_SNAPSHOT_LEFT_OUT,   /* of what was loaded; detail: how many keys, and why */
    RD_EVENT_SNAPSHOT_DAMAGED,    /* nothing was loaded; detail: why, and where the file is */
    RD_EVENT_KINDS
};

struct rd_event {
    enum rd_event_kind kind;
    const char *peer;      /* terminated, "" when there is none */
    const char *detail;    /* terminated, "" when there is none */
    const char *user;      /* of [[users]], terminated; "" for default, and when it is about no client */
    uint64_t count;        /* of that kind, detail and user since the last one told; the strings are of the last */
};

/* Whether a stop writes a snapshot: as it is configured, or as SHUTDOWN says. */
enum rd_stop_save {
    RD_STOP_AS_CONFIGURED,
    RD_STOP_SAVES,
    RD_STOP_SAVES_NOT,
};

/* An HTTP request and the place for its answer. All borrowed for the call. */
struct rd_http_request {
    const char *method;         /* "GET", "HEAD", ... */
    const char *path;           /* decoded path, without the query */
    const char *authorization;  /* the header's value, or NULL */
    const char *accept;         /* likewise, of the first one */
    const char *host;           /* likewise */
};
struct rd_http_answer;
void rd_http_answer_set(struct rd_http_answer *answer, int status, const char *content_type,
                        const char *body, size_t body_length);
void rd_http_answer_header(struct rd_http_answer *answer, const char *name, const char *value);

enum rd_script_task {
    RD_SCRIPT_EVAL,    /* run the script of this text */
    RD_SCRIPT_EVALSHA, /* run the script of this digest */
    RD_SCRIPT_LOAD,    /* keep the script of this text, and reply with its digest */
    RD_SCRIPT_EXISTS,  /* of each of the arguments, a digest: is it kept? */
    RD_SCRIPT_FLUSH,   /* forget them all */
};

/* The run of a script. Of one callback, on its thread. */
struct rd_script_run;

/* All borrowed for the call. */
struct rd_script_request {
    enum rd_script_task task;
    uint32_t worker;                 /* whose thread it is */
    uint8_t protocol;                /* of RESP: what the client speaks */
    struct rd_slice script;          /* text or digest */
    const struct rd_slice *keys;
    size_t key_count;
    const struct rd_slice *arguments;
    size_t argument_count;
    struct rd_script_run *run;       /* of EVAL and EVALSHA; NULL otherwise */
};

/* How a script is to be run. */
struct rd_script_terms {
    bool touches_only_its_keys; /* else nobody else does anything meanwhile */
    bool has_flags;             /* what follows is said by the script itself */
    bool no_writes, allow_oom, no_cluster, crosses_slots;
    uint64_t reply_limit;       /* bytes that a command may reply, large values and all; 0 = any */
};

/*
 * Takes the locks that the script needs, once, before its first command. False: it may not be run, and why has been
 * written to the callback's reply.
 */
bool rd_script_begin(struct rd_script_run *run, struct rd_script_terms terms);
/* Runs a command. The reply, in this version of RESP, stays as it is until the next call or the end of the callback. */
struct rd_slice rd_script_call(struct rd_script_run *run, const struct rd_slice *argv, size_t argc, int protocol);
/* May the client use the command? 1 or 0; -1: there is no such command. */
int rd_script_allows(const struct rd_script_run *run, const struct rd_slice *argv, size_t argc);
/*
 * To be asked every now and then while a script runs, with nothing half done. An error, without its minus, that is to
 * end it; no bytes when it may go on. Others may be served before this returns, on the same thread.
 */
struct rd_slice rd_script_may_go_on(struct rd_script_run *run);
/* Writes the script's reply, which is RESP already; is_told: if it is an error, a command's that was counted there. */
void rd_script_reply(struct rd_script_run *run, const char *bytes, size_t length, bool is_told);

/* Where the keys of a command stand among its arguments. */
struct rd_key_positions {
    int first, last, step; /* as COMMAND tells them: last may count from the end. 0: it has no keys */
};
/* False when there is no such command, or its keys are not at such places, or it may touch any key. Any thread. */
bool rd_server_key_positions(const struct rd_server *server, struct rd_slice name, struct rd_key_positions *positions);

/*
 * What the hot path asks of the control plane. `context` is passed through; it is released exactly once, by
 * `release`, from rd_server_destroy or from a failed rd_server_create. Every slot may be NULL, which answers as
 * each comment says. Slots marked "worker" run on any worker thread, several at once; they hold up that worker's
 * connections, so they must not wait for anything. Within an EXEC the locks of the transaction's keys are held, so no
 * slot may write to the store or wait for one who does; all pointers passed in live for the call only. A slot must not throw, and must write exactly one reply where it is
 * given a `reply`.
 */
struct rd_callbacks {
    void *context;

    /* worker. Is this password right? user is "default" in the one-argument form. NULL slot: never. */
    bool (*authenticate)(void *context, const struct rd_peer *peer, struct rd_slice user, struct rd_slice password);

    /* worker. INFO: writes one verbatim text for the named sections (none named: the default set). */
    void (*info)(void *context, const struct rd_slice *sections, size_t count, struct rd_reply *reply);

    /* worker. CONFIG GET with its patterns: writes one map. NULL: an empty map. */
    void (*config_get)(void *context, const struct rd_slice *patterns, size_t count, struct rd_reply *reply);

    /* worker. CONFIG SET with name, value, name, value ...: all or nothing. Writes OK or an error. */
    void (*config_set)(void *context, const struct rd_peer *peer, const struct rd_slice *pairs, size_t count, struct rd_reply *reply);

    /* worker. CONFIG REWRITE. Writes OK or an error. */
    void (*config_rewrite)(void *context, const struct rd_peer *peer, struct rd_reply *reply);

    /*
     * worker. SHUTDOWN: must only ask for the stop and return; the connection gets no reply, as in Redis. With `now`
     * nothing is waited for.
     */
    void (*shutdown)(void *context, const struct rd_peer *peer, bool now, enum rd_stop_save save);

    /*
     * worker. What is asked of scripts; writes one reply. A script may take its time, as rd_script_may_go_on says. The
     * same thread calls from another stack here than elsewhere, of some megabytes. NULL: there are no scripts.
     */
    void (*script)(void *context, const struct rd_script_request *request, struct rd_reply *reply);

    /* control thread. An HTTP request; must call rd_http_answer_set once. NULL: 404. */
    void (*http)(void *context, const struct rd_http_request *request, struct rd_http_answer *answer);

    /* any thread of the server, at most once a second for each kind and detail: tell of an event worth a log line. */
    void (*event)(void *context, const struct rd_event *event);

    /* the thread that destroys the server: the context is not used again. */
    void (*release)(void *context);
};

/* Writing a reply from a callback. Encoded for the RESP version of the connection. */
void rd_reply_ok(struct rd_reply *reply);
void rd_reply_error(struct rd_reply *reply, const char *text, size_t length); /* with its code: "ERR ..." */
void rd_reply_bulk(struct rd_reply *reply, const char *bytes, size_t length);
void rd_reply_verbatim(struct rd_reply *reply, const char *text, size_t length); /* =txt: in RESP3, bulk in RESP2 */
void rd_reply_map(struct rd_reply *reply, size_t pairs);    /* then 2 * pairs replies; an array in RESP2 */
void rd_reply_array(struct rd_reply *reply, size_t count);  /* then count replies */
void rd_reply_integer(struct rd_reply *reply, int64_t value);

/* A snapshot of counters, summed over workers and shards. Each field is exact on its own, not with the others. */
struct rd_statistics {
    /* connections */
    uint64_t connections_received;
    uint64_t connections_active;
    uint64_t connections_paused;   /* whose next request CLIENT PAUSE holds back */
    uint64_t connections_monitoring;
    uint64_t connections_tracking; /* CLIENT TRACKING */
    uint64_t connections_watching; /* WATCH */
    uint64_t keys_tracked;         /* each counted for every connection that tracks it */
    uint64_t keys_watched;         /* likewise */
    uint64_t prefixes_tracked;     /* of CLIENT TRACKING BCAST, each counted for every connection */
    uint64_t largest_input, largest_output; /* bytes that a connection had waiting within the last seconds */
    uint64_t rejected_max_connections;
    uint64_t rejected_rate;
    uint64_t rejected_rate_address;     /* connection_rate_limit_per_address */
    uint64_t rejected_handshakes;       /* too many TLS handshakes under way */
    uint64_t rejected_tls_on_plain;     /* a TLS hello on a plain port */
    uint64_t rejected_plain_on_tls;     /* anything else on a TLS port */
    uint64_t rejected_proxy_header;     /* a PROXY protocol header where none is expected */
    uint64_t rejected_no_proxy_header;  /* none, or a malformed one, on an endpoint that expects it */
    uint64_t rejected_protected_mode;
    uint64_t rejected_no_descriptors;
    uint64_t closed_idle;
    uint64_t closed_output_limit;
    uint64_t closed_query_limit;
    uint64_t closed_auth_timeout;
    uint64_t closed_protocol_error;
    uint64_t closed_strangers;     /* unauthenticated, when they or all clients held too much */
    uint64_t evicted_clients;      /* the others that max_client_memory closed */
    uint64_t closed_http_timeout;  /* HTTP connections whose request took too long */
    uint64_t rejected_http;        /* HTTP connections closed for others, by HTTP_CONNECTIONS */
    uint64_t auth_failures;
    uint64_t auth_delayed;         /* wrong password attempts whose answer was delayed */
    uint64_t auth_refused;         /* those whose connection was closed because too many were held */
    uint64_t denied_commands;      /* commands that the user may not call */
    uint64_t denied_keys;          /* that touch keys which the user may not touch */
    uint64_t denied_databases;     /* the same of databases */
    uint64_t denied_certificates;  /* certificates of clients that name no user */
    uint64_t attacks;              /* connections closed because HTTP came on the port */
    uint64_t tls_handshakes_failed;
    uint64_t tls_handshakes_not_begun; /* TLS connections whose peer left without a byte */
    uint64_t tls_handshakes_active;
    /* work */
    uint64_t commands_processed;
    uint64_t error_replies;
    uint64_t writes_refused;   /* of these, those with the code OOM */
    uint64_t reads;            /* recv calls that returned data */
    uint64_t writes;           /* send calls */
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t loop_turns;       /* of the workers' event loops */
    uint64_t worker_ns;        /* processor time of the workers: of their turns, without the waiting */
    uint64_t batches;          /* batches executed; commands_processed / batches is the mean batch */
    /* keys */
    uint64_t keys;
    uint64_t keys_with_ttl;
    uint64_t ttl_sum_ms;       /* estimate of the sum over keys_with_ttl, for avg_ttl */
    uint64_t keyspace_hits;
    uint64_t keyspace_misses;
    uint64_t expired, expired_fields; /* keys, and fields of hashes */
    uint64_t evicted, strays_removed, stray_slots, own_slots; /* of a cluster: keys of slots that another node has now, such slots, and its own */
    uint64_t sweep_us;         /* processor time spent looking for expired keys */
    uint64_t sweeps_cut;       /* ticks whose sweep ended because its time was over */
    uint64_t over_limit_ms;    /* for so long the memory was above its limit, all times together */
    uint64_t over_limit_now_ms; /* and this time */
    /* bytes */
    uint64_t memory_used;      /* everything below together */
    uint64_t memory_peak;
    uint64_t memory_dataset;   /* live keys, values and entry headers */
    uint64_t memory_payload;   /* keys and values alone */
    uint64_t memory_table;
    uint64_t memory_arena;     /* pages that hold entries, holes included */
    uint64_t memory_values;    /* large values kept outside the arena */
    uint64_t memory_clients;       /* what is held because of them: what follows, and tracking, orphans and feeds below */
    uint64_t memory_connections;   /* their structs, and libevent's entries */
    uint64_t memory_tls;           /* what OpenSSL holds for them; 0 where the allocator does not tell */
    uint64_t memory_client_input;  /* unfinished requests, large arguments apart */
    uint64_t memory_client_values; /* large arguments of those, and of queued commands */
    uint64_t memory_client_output; /* unsent replies, large values apart */
    uint64_t memory_client_queues; /* commands after MULTI, what WATCH watches, names, prefixes of trackers */
    uint64_t memory_buffers;   /* the workers' own buffers */
    uint64_t memory_tracking;      /* keys that trackers have read, and changes of them on their way */
    uint64_t memory_orphans;       /* values that no key has any more and unsent replies keep */
    uint64_t memory_feeds;         /* of MONITOR, and messages to those who track keys, until their workers take them */
    uint64_t memory_store_resident; /* pages of the store, those that are free included */
    uint64_t memory_heap_used; /* of the allocator; 0 where it does not tell, as the two that follow */
    uint64_t memory_heap_free; /* resident, and on its way back to the system */
    uint64_t memory_heap_overhead; /* the allocator's books, and holes between blocks */
    uint64_t memory_limit;
    uint64_t memory_initial;   /* of memory_used, what was there when the server started */
    uint64_t memory_startup;   /* resident before the first key, which the limit does not count; 0 when not known */
    uint64_t memory_other;     /* resident beyond that and the store's own: connections, buffers, the allocator's */
};

/*
 * Creates a server: copies options and callbacks, allocates the store, binds nothing.
 * On success *server is owned by the caller (rd_server_destroy). On failure *error says why, callbacks.release
 * has been called, and *server is NULL.
 */
RD_MUST_USE enum rd_status rd_server_create(const struct rd_options *options, const struct rd_callbacks *callbacks,
                                            struct rd_server **server, struct rd_error *error);

/*
 * Takes over one reference of an OpenSSL SSL_CTX (freed by the server), used for connections accepted from now on.
 * Any thread, any time, as often as wanted. NULL takes TLS away from new connections.
 */
void rd_server_set_tls(struct rd_server *server, void *ssl_ctx_taken);

/* Binds every endpoint, then starts the threads; all or nothing. */
RD_MUST_USE enum rd_status rd_server_start(struct rd_server *server, struct rd_error *error);

/* The port that endpoint `index` is bound to, in host order; 0 for a Unix socket or before the start. */
uint16_t rd_server_port(const struct rd_server *server, size_t index);
uint16_t rd_server_http_port(const struct rd_server *server);

/*
 * Graceful stop, two steps. begin_drain returns at once: listeners close, workers execute what has arrived, send
 * its replies and close each connection. wait_drained waits for the last connection, RD_ERR_TIMEOUT after
 * deadline_ms. Any thread.
 */
void rd_server_begin_drain(struct rd_server *server);
RD_MUST_USE enum rd_status rd_server_wait_drained(struct rd_server *server, uint64_t deadline_ms);

/* Stops and joins every thread, closes what is left, frees all memory, calls release. NULL is allowed. */
void rd_server_destroy(struct rd_server *server);

/* Settings and policy at run time. Any thread. RD_ERR_INVALID outside the range, and nothing changes. */
RD_MUST_USE enum rd_status rd_server_set(struct rd_server *server, enum rd_setting setting, int64_t value);
int64_t rd_server_get(const struct rd_server *server, enum rd_setting setting);
RD_MUST_USE enum rd_status rd_server_set_policy(struct rd_server *server, const char *name);
const char *rd_server_policy(const struct rd_server *server);

/* The names of the eviction policies, in order; NULL past the last. Static strings. */
const char *rd_policy_name(size_t index);

/* Counters. Any thread. */
void rd_server_statistics(const struct rd_server *server, struct rd_statistics *statistics);

/* One database. */
struct rd_database_statistics {
    uint64_t keys, keys_with_ttl, hashes_with_ttl; /* of the last a field has a time to live */
    uint64_t ttl_sum_ms; /* what is left of all times to live together */
    uint64_t memory_held, memory_share; /* bytes of its keys and values, and what it may hold; of a database with a share */
    uint64_t evicted;    /* its keys, since the start; the same */
};
/* False when there is none of this number. Any thread. */
bool rd_server_database_statistics(const struct rd_server *server, uint32_t number,
                                   struct rd_database_statistics *statistics);
/* Keys and strings by bytes, other values by items: bin 0 has those of none, bin i those of 2^(i-1) and more, below 2^i. */
#define RD_SIZE_BINS 34
struct rd_sizes {
    uint64_t keys[RD_SIZE_BINS], strings[RD_SIZE_BINS];
    uint64_t hashes[RD_SIZE_BINS], sets[RD_SIZE_BINS], lists[RD_SIZE_BINS], zsets[RD_SIZE_BINS];
};
/*
 * Of one database, false when there is none of this number. An estimate from some 4,000 keys, and exact where there are
 * few: a third of a millisecond, and nothing for anybody until it is called. Any thread.
 */
bool rd_server_sizes(struct rd_server *server, uint32_t number, struct rd_sizes *sizes);

void rd_server_reset_statistics(struct rd_server *server);  /* CONFIG RESETSTAT */

/*
 * What is known of one command or subcommand since the start or the last reset. A command's time is measured apart
 * where it may be long; commands that are short by nature share the time of their batch evenly.
 */
struct rd_command_statistics {
    const char *name;          /* "get", "client|kill"; static */
    uint64_t calls;
    uint64_t failed;           /* of the calls, those that replied with an error */
    uint64_t rejected;         /* refused before they were called */
    uint64_t total_ns;
};

/* Latencies are counted in buckets; rd_latency_bucket_end says where one ends, in ns, itself not included. */
#define RD_LATENCY_BUCKETS 224
uint64_t rd_latency_bucket_end(size_t bucket);

/* The commands are numbered from 0. False past the last. `latency` has RD_LATENCY_BUCKETS places, or is NULL. */
bool rd_server_command_statistics(const struct rd_server *server, size_t number,
                                  struct rd_command_statistics *statistics, uint64_t *latency);

/* How often an error code was replied. */
#define RD_ERROR_CODE_SIZE 24
struct rd_error_count {
    char code[RD_ERROR_CODE_SIZE]; /* terminated */
    uint64_t replies;
};
/* Fills in at most `capacity` codes, in no order; returns how many. */
size_t rd_server_error_counts(const struct rd_server *server, struct rd_error_count *counts, size_t capacity);

/*
 * What took longest of the newest 1,024 entries of the slow log. Of a command's arguments only the first key is told: the
 * others may be what somebody keeps here, and nobody else's business.
 */
#define RD_PEER_SIZE 128
#define RD_CLIENT_NAME_SHOWN 64
#define RD_SLOW_KEY_SIZE 192
struct rd_slow_command {
    uint64_t id;
    int64_t us, unix_s;        /* how long it took, and when */
    const char *command;       /* "get", "client|kill"; static. "" when there is none of that name */
    char key[RD_SLOW_KEY_SIZE]; /* any bytes; cut as SLOWLOG GET cuts it */
    size_t key_length;         /* 0 also when it has none */
    char peer[RD_PEER_SIZE], client[RD_CLIENT_NAME_SHOWN]; /* terminated; its name may be cut */
};
/* Fills in at most `capacity` of them, the slowest first; returns how many. Any thread. */
size_t rd_server_slow_commands(struct rd_server *server, struct rd_slow_command *slow, size_t capacity);

/* A connection, and what it makes the server hold. */
struct rd_client_size {
    uint64_t id;
    uint64_t bytes;            /* all that it takes: tot-mem of CLIENT LIST */
    uint64_t input, output;    /* of these, what came and is not executed, and replies not taken; 4 GiB - 1 at most */
    int64_t age_s, idle_s;
    const char *command;       /* the last one; static. "" before the first */
    char peer[RD_PEER_SIZE], name[RD_CLIENT_NAME_SHOWN]; /* terminated; the name may be cut */
};
/*
 * Fills in at most `capacity` of them, the largest first; returns how many. Any thread that holds no lock of the server;
 * looks at every connection.
 */
size_t rd_server_largest_clients(struct rd_server *server, struct rd_client_size *clients, size_t capacity);

/* Facts about the server, for start-up lines and INFO. */
uint32_t rd_server_workers(const struct rd_server *server);
uint32_t rd_server_shards(const struct rd_server *server);
/* How many processors the scheduler lets this process run on, as taskset and cpusets set it; at least 1. */
uint32_t rd_allowed_processors(void);
const char *rd_libevent_version(void);
/* jemalloc's, such as "5.3.0-0-g54eaed1d8b56b1aa528be3bdd1877e59c56fa90c"; NULL where another allocator is linked. */
const char *rd_allocator_version(void);
/*
 * What libevent has to say, of severity 0 (debug) to 3 (error), goes to `tell` instead of standard error: for the whole
 * process, on any thread of the server. Before a server is started.
 */
void rd_libevent_set_log(void (*tell)(int severity, const char *message));

/* Redis's glob match, as KEYS uses it. Any thread; linear-ish time. */
bool rd_glob_match(struct rd_slice pattern, struct rd_slice text, bool ignore_case);

#ifdef __cplusplus
}
#endif

#endif
