/// Versions that the daemon tells.
public enum Version {
    /// Redistill's own version.
    public static let redistill = "0.1.0"

    /// The version of Redis that is emulated; clients choose features by it.
    package static let redis = "7.4.0"
}
