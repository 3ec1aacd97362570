/// Numbers of Redis about what does not exist here. Tools and test suites set them all the same:
/// CONFIG SET takes any whole number, and CONFIG GET shows it until the configuration is read anew.
enum KeptParameters {
    static let values: [(name: String, value: String)] = [
        ("hll-sparse-max-bytes", "3000"),
        ("hz", "10"),
        ("list-compress-depth", "0"),
        ("stream-node-max-bytes", "4096"),
        ("stream-node-max-entries", "100"),
    ]
}
