/// One thing that is logged.
package struct LogRecord: Sendable, Equatable {
    /// A named value of a record.
    package struct Field: Sendable, Equatable {
        package let name: String
        package let value: String
        /// JSON writes it bare.
        package let isNumber: Bool

        package init(_ name: String, _ value: String) {
            (self.name, self.value, isNumber) = (name, value, false)
        }

        package init(_ name: String, number: some BinaryInteger) {
            (self.name, value, isNumber) = (name, String(number), true)
        }
    }

    /// RFC 3339.
    package let time: String
    package let level: String
    package let message: String
    package let fields: [Field]
    /// Text has each field in a line of its own; JSON knows one line only.
    package let hasFieldsBelow: Bool

    package init(time: String, level: String, message: String, fields: [Field] = [], hasFieldsBelow: Bool = false) {
        self.time = time
        self.level = level
        self.message = message
        self.fields = fields
        self.hasFieldsBelow = hasFieldsBelow
    }
}
