import Redistill
import Testing

@Suite struct UnwiseSettingsTests {
    private func warnings(
        _ kernel: KernelSettings = KernelSettings(), flags: [String: String] = ["max_memory": "1gb"]
    ) throws -> [String] {
        UnwiseSettings.remarks(on: try configuration(flags: flags), kernel, processors: 2).map(\.description)
    }

    @Test func nothingIsSaidWhereAllIsWell() throws {
        #expect(try warnings(KernelSettings(longestBacklog: 511, mostOpenFiles: 10_072)).isEmpty)
    }

    @Test func missingLimitIsUnwise() throws {
        #expect(
            try warnings(flags: [:]) == [
                "max_memory: there is no limit, so the kernel ends the daemon when memory runs out; write \"75%\""
            ])
    }

    @Test func whatTheKernelCutsIsTold() throws {
        #expect(
            try warnings(KernelSettings(longestBacklog: 128)) == [
                "listen_backlog: the kernel lets 128 wait, not 511: sysctl net.core.somaxconn=511, or write 128"
            ])
        #expect(
            try warnings(KernelSettings(mostOpenFiles: 1024)) == [
                "max_connections: needs 10072 open files, and this session allows 1024: raise that (ulimit -n, LimitNOFILE), "
                    + "or write a smaller number"
            ])
        #expect(try warnings(KernelSettings(mostOpenFiles: 1024), flags: ["max_memory": "1gb", "max_connections": "0"]).isEmpty)
        #expect(try warnings(KernelSettings(alwaysHugePages: true)).first?.contains("transparent huge pages") == true)
    }
}
