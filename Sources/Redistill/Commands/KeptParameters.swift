/// Numbers of Redis about data types and scripts, which do not exist here. Tools and test suites set them all the same:
/// CONFIG SET takes any whole number, and CONFIG GET shows it until the configuration is read anew.
enum KeptParameters {
    static let values: [(name: String, value: String)] = [
        ("hash-max-listpack-entries", "512"),
        ("hash-max-listpack-value", "64"),
        ("hash-max-ziplist-entries", "512"),
        ("hash-max-ziplist-value", "64"),
        ("hll-sparse-max-bytes", "3000"),
        ("hz", "10"),
        ("list-compress-depth", "0"),
        ("list-max-listpack-size", "-2"),
        ("list-max-ziplist-size", "-2"),
        ("set-max-intset-entries", "512"),
        ("set-max-listpack-entries", "128"),
        ("set-max-listpack-value", "64"),
        ("stream-node-max-bytes", "4096"),
        ("stream-node-max-entries", "100"),
        ("zset-max-listpack-entries", "128"),
        ("zset-max-listpack-value", "64"),
        ("zset-max-ziplist-entries", "128"),
        ("zset-max-ziplist-value", "64"),
    ]
}
