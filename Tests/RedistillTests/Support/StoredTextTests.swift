import Redistill
import Testing

/// Files in the repository that are made from the sources.
@Suite struct StoredTextTests {
    @Test func configurationPageEqualsTheTable() throws {
        try StoredText.check("docs/configuration.md", equals: ConfigurationDocument.markdown())
    }

    @Test func exampleFileEqualsTheTable() throws {
        try StoredText.check("redistill.example.toml", equals: ConfigurationText.defaultFile())
    }

    @Test func manualPageEqualsTheTable() throws {
        try StoredText.check("packaging/man/redistill.toml.5", equals: ConfigurationManual.roff())
    }

    @Test func metricsPageEqualsTheFigures() throws {
        try StoredText.check("docs/metrics.md", equals: MetricsDocument.markdown())
    }

    /// Names, order and values are what dashboards read.
    @Test func infoIsTheStoredPage() throws {
        try StoredText.check(
            "Tests/RedistillTests/Pages/info.txt", equals: InfoText.text(of: fullSnapshot(), sections: ["everything"]))
    }

    @Test func metricsAreTheStoredPage() throws {
        try StoredText.check("Tests/RedistillTests/Pages/metrics.txt", equals: MetricsBody.text(of: fullSnapshot()))
    }
}
