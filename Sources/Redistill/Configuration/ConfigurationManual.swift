/// The manual page redistill.toml(5), made from the table.
package enum ConfigurationManual {
    /// The whole page, in roff with the macros of man(7).
    package static func roff() -> String {
        var text = #"""
            .\" Made from the table in Sources/Redistill/Configuration; a test keeps it equal.
            .TH REDISTILL.TOML 5 "" "Redistill \#(Version.redistill)" "Redistill"
            .SH NAME
            redistill.toml \- configuration of redistilld, a Redis\-compatible cache
            .SH DESCRIPTION
            A TOML file of sections and keys. Every key has a default, so that an empty file is a configuration. Values come
            from this file, then from systemd credentials, then from the environment, then from flags; the later wins.
            .PP
            The file is the one named by
            .B \-\-config
            or by
            .BR REDISTILL_CONFIG ,
            else
            .I redistill.toml
            in the working directory if there is one. The service of the Debian package reads
            .IR /etc/redistill/redistill.toml .
            .PP
            Every key has a flag of the same name with hyphens
            .RB ( \-\-max\-memory
            for
            .BR max_memory )
            and an environment variable
            .RB ( REDISTILL_MAX_MEMORY ).
            Secrets have no flag, because every user of the machine can read the command line.
            .PP
            Sizes are bytes, or have a unit: kb, mb, gb and tb count in 1024, k, m, g and t in 1000. Times are seconds, or have a
            unit: ms, s, m, h, d.
            .PP
            Keys marked "live" can be changed by CONFIG SET and by a reload (SIGHUP), those marked "reload" by a reload only; the
            others need a restart.

            """#
        for section in ConfigurationSection.allCases {
            text += ".SH [\(section.rawValue)]\n" + line(section.summary)
            for key in ConfigurationTable.keys(in: section) where key.pointless == nil { text += entry(for: key) }
        }
        text += ".SH [[users]]\n" + line(UserText.summary)
        text += #"""
            .SH EXAMPLE
            .nf
            [server]
            bind = ["127.0.0.1", "\-::1"]
            unix_socket = "/run/redistill/redistill.sock"
            health_check_port = 9091

            [memory]
            max_memory = "75%"
            eviction_policy = "allkeys\-s3fifo"
            .fi
            .SH SEE ALSO
            .BR redistilld (8)
            .PP
            .B redistilld \-\-check\-config
            checks a file, and says what is wrong by line and key;
            .B redistilld \-\-print\-config
            shows what is in effect and where each value comes from.

            """#
        return text
    }

    private static func entry(for key: ConfigurationKey) -> String {
        let shown = key.isSecret ? "none" : key.defaultTOML
        let others = key.redisNames.isEmpty ? "" : " In Redis: \(key.redisNames.joined(separator: ", "))."
        return ".TP\n.B \(key.name.rawValue)\n" + line(key.help) + ".br\n"
            + line("Takes \(key.type.allowed). Default: \(shown). Changes: \(changes(key)).\(others)")
    }

    private static func changes(_ key: ConfigurationKey) -> String {
        switch key.application {
        case .atOnce: "live"
        case .onReload: "by a reload"
        case .atRestart: "at a restart"
        }
    }

    /// A text as one line that roff breaks as it likes, and takes for no request.
    private static func line(_ text: String) -> String {
        let escaped = text.split(separator: "\n").joined(separator: " ").map { letter in
            switch letter {
            case "\\": #"\e"#
            case "-": #"\-"#
            default: String(letter)
            }
        }.joined()
        return (escaped.hasPrefix(".") || escaped.hasPrefix("'") ? #"\&"# : "") + escaped + "\n"
    }
}
