/// `docs/configuration.md`, made from the table.
package enum ConfigurationDocument {
    /// The whole page.
    package static func markdown() -> String {
        var text = """
            # Configuration

            <!-- Made from the table in Sources/Redistill/Configuration; a test keeps it equal. To renew it:
            REDISTILL_UPDATE_DOCS=1 swift test --disable-xctest --filter StoredText -->

            Values come from a TOML file, then from systemd credentials, then from the environment, then from flags; the later
            wins. The file is the one named by `--config` or `REDISTILL_CONFIG`, else `redistill.toml` in the working directory
            if there is one. An empty environment variable counts as not set.

            - `redistilld --print-config --default` prints a commented file with every default.
            - `redistilld --check-config` checks the file, the environment, the flags and this machine, and starts nothing. What
              would keep the daemon from starting ends it with 78: wrong keys and values, addresses that this machine has not,
              a Unix socket's path that is taken by a file, a log that can't be written, certificates that don't fit. `note:` is
              before what has no effect or another than it seems, `warning:` before what is legal and unwise. Ports that are
              taken are no matter, so a running daemon's configuration can be checked.
            - `redistilld --print-config` prints what is in effect and where each value comes from, without secrets.

            Every key has a flag of the same name with hyphens (`max_memory`: `--max-memory`) and an environment variable
            (`REDISTILL_MAX_MEMORY`). Secrets have no flag, because every user of the machine can read the command line; they come
            from the file, from a file of their own (`password_file`), from a systemd credential named like the key, or from the
            environment. Of a secret file or variable the line end and a byte order mark before it are no part of the secret.
            `--bind` and `--cluster-nodes` may be given several times; of any other flag that is, the last counts, with a note.

            Sizes are bytes, or have a unit: `kb`, `mb`, `gb`, `tb` count in 1024, `k`, `m`, `g`, `t` in 1000, as in Redis. Times
            are seconds, or have a unit: `ms`, `s`, `m`, `h`, `d`.

            "Live" keys can be changed by CONFIG SET, under our name or Redis's, and by SIGHUP, which reads all sources again;
            "reload" keys by SIGHUP only; the others need a restart. SIGHUP brings back what the sources say, so what CONFIG SET has
            changed is lost unless CONFIG REWRITE has written it to the file; that keeps the file's comments and order. A reload
            never takes protection away by silence: when \(ReloadGuard.keys.map { "`\($0.rawValue)`" }.joined(separator: ", "))
            was set and no source sets it any more, as after a file was cut or emptied, the reload is refused with a line in the
            log and everything stays. To do without it, say so: `password = ""`, `max_memory = 0`.

            ## What holds when nothing is said

            Without a file the daemon can neither take the machine's memory nor serve anybody else than this machine. What was
            decided stands in the log at the start, in one block: addresses, the memory limit and where it comes from, the
            policy, workers and why so many, connections and open files, protection. `redistilld --check-config` warns of what is
            legal and unwise; a warning never changes its exit code.

            \(ConfigurationReasons.markdown())
            ## Files of Redis and Valkey

            `redistilld import redis.conf -o redistill.toml` turns a Redis configuration, with the files that it includes and its
            ACL file, into ours, which only its owner can read. What gets lost stands at the head of the new file and on standard
            error, each with its file, line and reason: first what protects (commands that were renamed or switched off, users
            whose rules are no role here, what could not be read), then limits, then what behaves otherwise (nothing is kept on disk,
            there are no replicas). The exit code is then 2, and 0 with `--force`. What has no meaning for a cache without disk,
            replicas and other types is counted in one line.

            - Redis's own defaults are written out where ours differ: all addresses when no `bind` line stands there,
              no limit of memory where there is no `maxmemory` line, `noeviction` beside one, certificates of clients on a
              `tls-port`, a Unix socket's mode by the umask.
            - Users whose rules are a role become `[[users]]`: `+@read` (with `-@all` before it) is "read", `+@read +@write` or
              `+@all -@dangerous` "write", `+@all` "admin"; with their `~` patterns, and of passwords the SHA-256.
            - The password is that of `user default`, else `requirepass`. Where there was one and it can't be taken, as when
              only its SHA-256 is known, `protected_mode = true` is written until you set one.
            - A relative path of `include` counts from the working directory, as in Redis; copy the files, or run it where Redis
              runs. That of a log, socket, certificate or ACL file counts from Redis's `dir`.

            """
        for section in ConfigurationSection.allCases {
            text += "\n## [\(section.rawValue)]\n\n\(section.summary)\n\n"
            text += "| key | takes | default | changes | Redis's name | environment | what it does |\n"
            text += "|---|---|---|---|---|---|---|\n"
            for key in ConfigurationTable.keys(in: section) { text += row(for: key) }
        }
        text += """

            ## [[users]]

            \(UserText.summary)

            | key | takes | what it does |
            |---|---|---|
            | `name` | 1 to 64 letters of ASCII without spaces | What is given with AUTH or HELLO; "default" is none of these. |
            | `password` | a text | The password; `""`: any is right. |
            | `password_sha256` | 64 hexadecimal digits | Its SHA-256, as `sha256sum` writes it for the password without a line end, and as `#` in Redis's ACL. |
            | `password_file` | the path of a file | Its first line is the password. |
            | `role` | one of "read", "write", "admin" | What it may call: [security.md](security.md) has the commands of each. |
            | `keys` | up to 32 patterns | The keys that it may touch, as `~` in Redis's ACL. |
            | `databases` | numbers | The databases that it may touch, as `db=` in Valkey's. |

            ```toml
            [[users]]
            name = "app"
            password_file = "/etc/redistill/app.password"
            role = "write"
            keys = ["app:*", "shared:*"]
            databases = [0]
            ```

            ## Files of the original Redistill

            A file written for the original Redistill loads unchanged. What has no meaning here is accepted with a note in the log:
            `buffer_pool_size`, `s3fifo_small_ratio`, `s3fifo_ghost_ratio`, what `[persistence]` has of a log (`aof_...`), and all of `[metrics]`.
            `shutdown_grace_period_secs` means `shutdown_timeout`. A `num_shards` that is no power of two is rounded up; `batch_size`,
            `buffer_size` and `eviction_sample_size` beyond their range are brought to its end.

            """
        return text
    }

    private static func row(for key: ConfigurationKey) -> String {
        let takes = key.type.allowed
        let cells = [
            "`\(key.name.rawValue)`",
            takes,
            key.isSecret ? "none" : "`\(key.defaultTOML)`",
            changes(key),
            key.redisNames.map { "`\($0)`" }.joined(separator: ", "),
            key.environment.map { "`\($0)`" }.joined(separator: ", "),
            key.help,
        ]
        return "| " + cells.map { String($0.map { $0 == "|" ? "/" : $0 }) }.joined(separator: " | ") + " |\n"
    }

    private static func changes(_ key: ConfigurationKey) -> String {
        switch key.application {
        case .atOnce: "live"
        case .onReload: "reload"
        case .atRestart: "restart"
        }
    }
}
