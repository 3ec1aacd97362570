/// Versions that the daemon tells.
public enum Version {
    /// Redistill's own version.
    public static let redistill = "0.1.0"

    /// The version of Redis that is emulated; clients choose features by it.
    package static let redis = "7.4.0"

    /// The same as scripts compare it: a byte each for major, minor and patch.
    package static let redisNumber = 0x07_04_00
}
