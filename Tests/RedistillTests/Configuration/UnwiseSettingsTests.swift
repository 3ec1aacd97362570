import Redistill
import Testing

/// Every warning on a made-up machine of 8 GiB.
@Suite struct UnwiseSettingsTests {
    private func warnings(
        _ kernel: KernelSettings = KernelSettings(), flags: [String: String] = ["max_memory": "1gb"],
        on memory: MachineMemory = machine, certificateDays: Int64? = nil
    ) throws -> [String] {
        var sources = sources(flags: flags)
        sources.machine = memory
        return UnwiseSettings.remarks(
            on: try ConfigurationLoader.load(sources).configuration,
            .init(kernel: kernel, machine: memory, processors: 2, certificateDays: certificateDays)
        ).map { remark in
            #expect(remark.isWarning)
            return remark.description
        }
    }

    @Test func nothingIsSaidWhereAllIsWell() throws {
        let kernel = KernelSettings(longestBacklog: 511, mostOpenFiles: 10_072, promisedMemory: 1 << 30)
        #expect(try warnings(kernel, certificateDays: 14).isEmpty)
        #expect(try warnings(flags: [:]).isEmpty)
        #expect(try warnings(flags: [:], on: MachineMemory(total: 8 << 30, groupLimit: 64 << 20)).isEmpty)
    }

    @Test(arguments: ["true", "after-crash"])
    func smallPagesAreUnwiseWhereTheCacheIsKept(keeping: String) throws {
        let kernel = KernelSettings(noSharedHugePages: true)
        let told = try warnings(kernel, flags: ["max_memory": "1gb", "warm_restart": keeping])
        #expect(told.count == 1 && told[0].contains("shmem_enabled"))
        #expect(try warnings(kernel).isEmpty)
        #expect(try warnings(flags: ["max_memory": "1gb", "warm_restart": keeping]).isEmpty)
    }

    @Test func missingLimitIsUnwise() throws {
        #expect(
            try warnings(flags: ["max_memory": "0"]) == [
                "--max-memory: there is no limit, so the kernel ends the daemon when memory runs out; write \"75%\""
            ])
    }

    @Test func limitThatLeavesNothingForTheProgramIsUnwise() throws {
        let container = MachineMemory(total: 8 << 30, groupLimit: 256 << 20)
        #expect(
            try warnings(flags: ["max_memory": "246mb"], on: container) == [
                "--max-memory: leaves 10mb of what this process's control group has, and the program itself, sockets and the "
                    + "kernel need more; leave max_memory out, and there is enough"
            ])
        #expect(try warnings(flags: ["max_memory": "208mb"], on: container).isEmpty)
    }

    @Test func limitThatTheKernelDoesNotPromiseIsUnwise() throws {
        #expect(
            try warnings(KernelSettings(promisedMemory: 512 << 20)) == [
                "--max-memory: vm.overcommit_memory is 2, and the kernel promises 512mb to all processes together, so writes "
                    + "are refused before the limit: sysctl vm.overcommit_memory=0, or write less"
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

    @Test func certificateThatEndsSoonIsTold() throws {
        #expect(try warnings(certificateDays: 13) == ["tls_cert_path: the certificate ends in 13 days: renew it"])
        #expect(try warnings(certificateDays: 1) == ["tls_cert_path: the certificate ends in 1 day: renew it"])
    }

    @Test func debugForEverybodyIsUnwise() throws {
        let open = try warnings(flags: ["max_memory": "1gb", "enable_debug_command": "yes"])
        #expect(open.count == 1 && open[0].hasPrefix("--enable-debug-command: every client may crash the daemon"))
        #expect(try warnings(flags: ["max_memory": "1gb", "enable_debug_command": "local"]).isEmpty)
    }
}
