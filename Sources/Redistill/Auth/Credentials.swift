/// What a configuration asks of those who come in. Made once for each configuration, since hashing takes its time.
struct Credentials: Sendable {
    /// Of clients.
    let authenticator: Authenticator
    /// Of the HTTP port.
    let token: Authenticator.Token

    init(_ configuration: Configuration) {
        authenticator = Authenticator(
            password: configuration.secret(.password), users: configuration.users.accounts)
        token = Authenticator.Token(configuration.secret(.healthToken))
    }
}
