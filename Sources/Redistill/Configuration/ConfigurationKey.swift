/// Everything that is known about one configuration key.
///
/// The file reader, the environment, the flags, CONFIG GET and SET, the default file and the documentation are all
/// made from these. See ``ConfigurationTable``.
package struct ConfigurationKey: Sendable {
    /// When a changed value takes effect.
    package enum Application: Sendable {
        /// By CONFIG SET or a reload, without a restart.
        case atOnce
        /// By a reload only: a client must not choose which files the daemon reads or writes.
        case onReload
        /// Only at the next start.
        case atRestart
    }

    package let name: KeyName
    package let section: ConfigurationSection
    package let type: ValueType
    package let defaultValue: ConfigurationValue
    /// How the default is written where it follows from the machine; ``defaultValue`` is then what holds where the machine
    /// tells nothing.
    private let shownDefault: String?
    package let application: Application
    /// One or more sentences for a person.
    package let help: String
    /// Redis's names of the same setting, for CONFIG GET and SET.
    package let redisNames: [String]
    /// Other spellings that the file accepts, from the original Redistill.
    package let formerNames: [String]
    /// Environment variables besides ``KeyName/environmentName``.
    package let environment: [String]
    /// Why setting this key does nothing any more, or nil. Such a key is accepted with a note.
    package let pointless: String?
    /// The secret key that the file named by this key's value fills, or nil.
    package let fills: KeyName?

    package init(
        _ name: KeyName,
        in section: ConfigurationSection,
        _ type: ValueType,
        default defaultValue: ConfigurationValue,
        shownAs shownDefault: String? = nil,
        _ application: Application,
        redis redisNames: [String] = [],
        former formerNames: [String] = [],
        environment: [String] = [],
        pointless: String? = nil,
        fills: KeyName? = nil,
        help: String
    ) {
        self.name = name
        self.section = section
        self.type = type
        self.defaultValue = defaultValue
        self.shownDefault = shownDefault
        self.application = application
        self.help = help
        self.redisNames = redisNames
        self.formerNames = formerNames
        self.environment = environment
        self.pointless = pointless
        self.fills = fills
    }

    /// Whether the value must never be shown, and never be given on the command line.
    package var isSecret: Bool { type == .secret }

    /// The default as a TOML file spells it.
    package var defaultTOML: String { shownDefault.map(TOMLText.quote) ?? type.toml(defaultValue) }

    /// The environment variables that set this key, our own name first.
    package var environmentNames: [String] { [name.environmentName] + environment }
}
