import Redistill
import Testing

@Suite struct AddressChecksTests {
    @Test(arguments: [
        ("127.0.0.1:6380", "--bind: \"127.0.0.1:6380\" has a port in it; write \"127.0.0.1\" and port = 6380"),
        (":6380", "--bind: \":6380\" has a port in it; write \"*\" and port = 6380"),
        ("[::1]:6380", "--bind: \"[::1]:6380\" has a port in it; write \"::1\" and port = 6380"),
        ("[::1]", "--bind: \"[::1]\" has brackets; write \"::1\""),
        ("-[::1]", "--bind: \"-[::1]\" has brackets; write \"::1\""),
        ("/run/redis.sock", "--bind: \"/run/redis.sock\" is a path; write it to unix_socket"),
    ])
    func addressThatHoldsMoreThanAnAddressIsRefused(address: String, message: String) {
        #expect(problems(flags: ["bind": address]) == [message])
    }

    @Test(arguments: ["127.0.0.1", "::1", "-::1", "*", "-::*", "::ffff:10.0.0.1", "cache.example.org", "fe80::1%eth0"])
    func addressIsTaken(address: String) {
        #expect(problems(flags: ["bind": address]).isEmpty)
    }

    @Test func addressOfTheHTTPPortIsLookedAt() {
        #expect(
            problems(flags: ["health_check_port": "9091", "health_check_bind": "0.0.0.0:9092"]) == [
                "--health-check-bind: \"0.0.0.0:9092\" has a port in it; write \"0.0.0.0\" and health_check_port = 9092"
            ])
    }

    @Test func pathThatTheKernelCannotTakeIsRefused() {
        let path = "/" + String(repeating: "a", count: 107)
        #expect(
            problems(flags: ["unix_socket": path]) == [
                "--unix-socket: the path has 108 bytes, and the kernel takes 107; write a shorter one"
            ])
        #expect(problems(flags: ["unix_socket": String(path.dropLast())]).isEmpty)
    }
}
