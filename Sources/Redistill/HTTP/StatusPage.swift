internal import COpenSSL

/// The status page: one document, with its style and script in it, that a browser shows without asking anybody else.
enum StatusPage {
    static func answer(_ report: StatusReport) -> HTTPAnswer {
        HTTPAnswer(200, "text/html; charset=utf-8", html(report), headers: headers)
    }

    private static func html(_ report: StatusReport) -> String {
        let tables = report.tables.map(\.html).joined()
        return parts[0] + tables + parts[1]
    }

    /// Nothing but what stands in the page is run, shown or asked for, whatever a key or a client is called.
    private static let headers: [HTTPAnswer.Header] = [
        HTTPAnswer.Header(
            name: "Content-Security-Policy",
            value: "default-src 'none'; script-src '\(digest(of: script))'; style-src '\(digest(of: style))'; "
                + "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
        HTTPAnswer.Header(name: "X-Content-Type-Options", value: "nosniff"),
        HTTPAnswer.Header(name: "Referrer-Policy", value: "no-referrer"),
    ]

    private static let style = text(PackageResources.status_css)
    private static let script = text(PackageResources.status_js)

    /// What comes before the tables, and after.
    private static let parts: [String] = {
        let page = replacing("{script}", with: script, in: replacing("{style}", with: style, in: text(PackageResources.status_html)))
        let parts = split(page, at: "{tables}")
        return [parts.before, parts.after]
    }()

    private static func replacing(_ mark: String, with text: String, in page: String) -> String {
        let parts = split(page, at: mark)
        return parts.before + text + parts.after
    }

    private static func split(_ page: String, at mark: String) -> (before: String, after: String) {
        guard let range = page.firstRange(of: mark) else { preconditionFailure("the status page lacks its \(mark)") }
        return (String(page[..<range.lowerBound]), String(page[range.upperBound...]))
    }

    /// As a policy names what it allows.
    private static func digest(of text: String) -> String {
        let bytes = Array(text.utf8)
        var digest = [UInt8](repeating: 0, count: 32)
        precondition(EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil) == 1, "OpenSSL offers no SHA-256")
        return "sha256-" + Base64.encode(digest)
    }

    private static func text(_ resource: [UInt8]) -> String { String(decoding: resource, as: UTF8.self) }
}
