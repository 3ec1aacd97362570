import Redistill
import Testing

@Suite struct ConfigurationErrorTests {
    @Test(arguments: [
        (
            "[server]\n\nport = 70000\n",
            "test.toml:3: port: 70000 is not allowed; it takes a whole number from 0 to 65535"
        ),
        (
            "[server]\nport = \"http\"\n",
            "test.toml:2: port: \"http\" is not allowed; it takes a whole number from 0 to 65535"
        ),
        (
            "[memory]\nmax_memroy = 1\n",
            "test.toml:2: unknown key \"max_memroy\" in [memory]; did you mean \"max_memory\"?"
        ),
        (
            "[memory]\nmaxmemory = 1\n",
            "test.toml:2: unknown key \"maxmemory\" in [memory]; did you mean \"max_memory\"?"
        ),
        (
            "[server]\nmax-connections = 1\n",
            "test.toml:2: unknown key \"max-connections\" in [server]; did you mean \"max_connections\"?"
        ),
        ("[server]\nzzzzzz = 1\n", "test.toml:2: unknown key \"zzzzzz\" in [server]"),
        ("[server]\nmax_memory = 1\n", "test.toml:2: max_memory: belongs in [memory], not in [server]"),
        ("[sever]\nport = 1\n", "test.toml:2: unknown section [sever]; did you mean [server]?"),
        ("port = 1\n", "test.toml:1: port: belongs in [server], not above the first section"),
        ("hello = 1\n", "test.toml:1: \"hello\" stands outside any section"),
        ("user = 1\n", "test.toml:1: \"user\" stands outside any section; did you mean [[users]]?"),
        (
            "[logging]\nusers = []\n",
            "test.toml:2: users = [] belongs above the first section, not in [logging]"
        ),
        (
            "[memory]\neviction_policy = \"lru\"\n",
            "test.toml:2: eviction_policy: \"lru\" is not allowed; it takes one of "
                + EvictionPolicy.names.map { "\"\($0)\"" }.joined(separator: ", ")
        ),
        (
            "[performance]\ntcp_nodelay = 3\n",
            "test.toml:2: tcp_nodelay: 3 is not allowed; it takes true or false"
        ),
        (
            "[server]\nbind = []\n",
            "test.toml:2: bind: [] is not allowed; it takes an address such as \"127.0.0.1\", or several in a list"
        ),
        (
            "[server]\nbind = 2020-01-01\n",
            "test.toml:2: bind: a date or time is not allowed; it takes an address such as \"127.0.0.1\", or several in a list"
        ),
        (
            "[memory]\ndatabase_shares = \"1=20%\"\n",
            "test.toml:2: database_shares: \"1=20%\" is not allowed; it takes shares of max_memory by database, such as "
                + "\"1:20% 3:5%\", together at most 100%"
        ),
        (
            "[memory]\ndatabase_shares = [\"1:60%\", \"2:41%\"]\n",
            "test.toml:2: database_shares: [\"1:60%\", \"2:41%\"] is not allowed; together they are more "
                + "than 100%"
        ),
        (
            "[[databases]]\nnumber = 16\nmax_memory_share = \"10%\"\n",
            "test.toml:1: database_shares: there is no database 16: databases is 16"
        ),
        (
            "[[databases]]\nnumber = 1\nmax_memory_share = \"100%\"\n",
            "test.toml:1: database_shares: 100% leave nothing to the databases without a share"
        ),
        (
            "[server]\nport = 1\n[[databases]]\nnumber = 1\n",
            "test.toml:3: [[databases]] takes number, from 0 to 255, and max_memory_share, such as \"20%\", both"
        ),
        (
            "[memory]\ndatabase_shares = \"1:5%\"\n[[databases]]\nnumber = 1\nmax_memory_share = \"5%\"\n",
            "test.toml:3: the shares of databases are told twice, as database_shares and as [[databases]]; one has to go"
        ),
        ("[memory]\nmax_memory = \"1.5gb\"\n", "test.toml:2: max_memory: \"1.5gb\" is not allowed; a size is a whole number and a unit: write \"1536mb\""),
        ("[memory]\nmax_memory = \"1 GB\"\n", "test.toml:2: max_memory: \"1 GB\" is not allowed; a size is a whole number and a unit: write \"1gb\""),
        (
            "[memory]\nmax_memory = \"150%\"\n",
            "test.toml:2: max_memory: \"150%\" is not allowed; a share is a whole number of percent from \"1%\" to \"100%\""
        ),
        (
            "[memory]\nmax_client_memory = \"0%\"\n",
            "test.toml:2: max_client_memory: \"0%\" is not allowed; a share is a whole number of percent from \"1%\" to \"100%\""
        ),
        ("[server]\nbuffer_size = \"0.5 MB\"\n", "test.toml:2: buffer_size: \"0.5 MB\" is not allowed; a size is a whole number and a unit: write \"512kb\""),
        ("[persistence]\nwhat = 1\n", "test.toml:2: unknown key \"what\" in [persistence]"),
    ])
    func fileErrorNamesLineKeyValueAndWhatIsAllowed(toml: String, message: String) {
        #expect(problems(toml: toml) == [message])
    }

    @Test func brokenTOMLNamesTheLine() throws {
        let line = try #require(problems(toml: "[server]\nport = 1\nport = 2\n").first)
        #expect(line.hasPrefix("test.toml:3: not valid TOML: "))
        #expect(problems(toml: "[server]\u{0}\n") == ["test.toml:1: not valid TOML: a NUL byte"])
    }

    @Test func everyProblemIsToldAtOnce() {
        let lines = problems(
            toml: "[server]\nport = -1\n[logging]\nlevel = \"loud\"\n", environment: ["REDIS_MAX_MEMORY": "lots"],
            flags: ["workers": "many"])
        #expect(lines.count == 4)
        #expect(lines[0].hasPrefix("test.toml:2: port: -1"))
        #expect(lines[1].hasPrefix("test.toml:4: level: \"loud\""))
        #expect(lines[2].hasPrefix("environment variable REDIS_MAX_MEMORY: max_memory: \"lots\""))
        #expect(lines[3].hasPrefix("--workers: \"many\""))
    }

    @Test func tlsNeedsItsFiles() {
        #expect(
            problems(flags: ["tls_port": "6380"]) == [
                "tls_cert_path: TLS is on and needs the path of a file here",
                "tls_key_path: TLS is on and needs the path of a file here",
            ])
        #expect(
            problems(flags: [
                "tls_port": "6380", "tls_cert_path": "c", "tls_key_path": "k", "tls_auth_clients": "yes",
            ]) == ["tls_ca_cert_path: tls_auth_clients needs the authorities of clients here"])
    }

    @Test func portsMustDiffer() {
        #expect(
            problems(flags: ["port": "7000", "health_check_port": "7000"]) == [
                "--health-check-port: 7000 is taken by port already"
            ])
        #expect(
            problems(flags: [
                "port": "7000", "health_check_port": "7000", "health_check_bind": "10.0.0.1",
            ]).isEmpty)
    }
}
