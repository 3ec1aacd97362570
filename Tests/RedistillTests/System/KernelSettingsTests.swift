import Redistill
import Testing

@Suite struct KernelSettingsTests {
    private let told = [
        "/proc/sys/net/core/somaxconn": "4096\n", "/proc/sys/vm/overcommit_memory": "2\n",
        "/proc/meminfo": "MemTotal:       24684000 kB\nCommitLimit:     1048576 kB\nCommitted_AS:    100 kB\n",
        "/sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never\n",
        "/sys/kernel/mm/transparent_hugepage/shmem_enabled": "always within_size advise [never] deny force\n",
    ]

    @Test func settingsAreReadWhereTheKernelTellsThem() {
        #expect(
            KernelSettings(told: files(told), mostOpenFiles: 5)
                == KernelSettings(
                    longestBacklog: 4096, alwaysHugePages: true, noSharedHugePages: true, mostOpenFiles: 5,
                    promisedMemory: 1 << 30))
    }

    @Test(arguments: ["0\n", "1\n"])
    func aKernelThatPromisesMoreThanItHasKnowsNoBound(mode: String) {
        let told = told.merging(["/proc/sys/vm/overcommit_memory": mode]) { $1 }
        #expect(KernelSettings(told: files(told), mostOpenFiles: nil).promisedMemory == nil)
    }

    @Test func whatIsNotToldIsNotKnown() {
        #expect(KernelSettings(told: files([:]), mostOpenFiles: nil) == KernelSettings())
    }
}
