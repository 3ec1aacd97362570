import Redistill
import Testing

@Suite struct IdleKeysTests {
    @Test(arguments: [
        ("[server]\nhealth_check_bind = \"::1\"\n", "health_check_bind: has no effect: health_check_port is 0, so there is no HTTP port"),
        ("[security]\nhealth_token = \"t\"\n", "health_token: has no effect: health_check_port is 0, so there is no HTTP port"),
        ("[security]\ntls_cert_path = \"c\"\n", "tls_cert_path: has no effect: no port speaks TLS; set tls_port, or tls_enabled = true"),
        ("[memory]\neviction_policy = \"allkeys-lru\"\nmax_memory = 0\n", "eviction_policy: has no effect: without max_memory nothing is ever full"),
        ("[server]\nunix_socket_mode = \"700\"\n", "unix_socket_mode: has no effect: there is no unix_socket"),
        ("[server]\noutput_buffer_soft_time = 5\n", "output_buffer_soft_time: has no effect: output_buffer_soft_limit is 0"),
        ("[security]\nauth_timeout = 5\n", "auth_timeout: has no effect: there is no password"),
        ("[memory]\noom_score_adj_values = \"1 2 3\"\n", "oom_score_adj_values: has no effect: oom_score_adj is \"no\""),
    ])
    func keyThatDoesNothingIsNoted(toml: String, note: String) throws {
        #expect(try notes(toml: toml) == ["test.toml:2: \(note)"])
    }

    @Test(arguments: [
        "[memory]\neviction_policy = \"allkeys-s3fifo\"\nmax_memory = 0\n", "[server]\nhealth_check_bind = \"\"\n",
        "[memory]\neviction_policy = \"allkeys-lru\"\nmax_memory = \"1gb\"\n",
    ])
    func keyAtItsDefaultOrInUseIsNotNoted(toml: String) throws {
        #expect(try notes(toml: toml).isEmpty)
    }
}
