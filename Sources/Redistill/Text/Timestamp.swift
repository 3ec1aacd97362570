/// Points in time as RFC 3339 writes them.
package enum Timestamp {
    /// `2026-11-23T22:41:00.123Z` for a time since 1970.
    package static func text(seconds: Int64, milliseconds: Int) -> String {
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let second = seconds - day * 86_400
        let date = civilDate(ofDay: day)
        let clock = [second / 3600, second / 60 % 60, second % 60].map { digits($0, 2) }.joined(separator: ":")
        return [digits(date.year, 4), digits(date.month, 2), digits(date.day, 2)].joined(separator: "-")
            + "T" + clock + "." + digits(Int64(milliseconds), 3) + "Z"
    }

    // Howard Hinnant's civil_from_days. The C library's gmtime_r would do, but its `struct tm` belongs to whichever
    // C module happens to be imported first, and OpenSSL's is one of them.
    private static func civilDate(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    /// The current time.
    package static func now() -> String {
        let microseconds = Clock.wallMicroseconds()
        return text(seconds: microseconds / 1_000_000, milliseconds: Int(microseconds / 1000 % 1000))
    }

    private static func digits(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
