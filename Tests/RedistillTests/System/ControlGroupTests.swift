import Redistill
import Testing

@Suite struct ControlGroupTests {
    @Test func tightestLimitOfVersion2Counts() {
        let limit = ControlGroup.memoryLimit(
            files: files([
                "/proc/self/cgroup": "0::/system.slice/redistill.service\n",
                "/sys/fs/cgroup/system.slice/redistill.service/memory.max": "2147483648\n",
                "/sys/fs/cgroup/system.slice/memory.max": "1073741824\n",
                "/sys/fs/cgroup/memory.max": "max\n",
            ]))
        #expect(limit == 1 << 30)
    }

    @Test func version1IsUnderstood() {
        let limit = ControlGroup.memoryLimit(
            files: files([
                "/proc/self/cgroup": "5:cpu,memory:/docker/x\n3:pids:/docker/x\n",
                "/sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": "536870912\n",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            ]))
        #expect(limit == 512 << 20)
    }

    @Test(arguments: [
        [:], ["/proc/self/cgroup": "0::/\n"], ["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "max\n"],
    ])
    func withoutLimitThereIsNone(contents: [String: String]) {
        #expect(ControlGroup.memoryLimit(files: files(contents)) == nil)
        #expect(ControlGroup.processorQuota(files: files(contents)) == nil)
    }

    @Test func tightestQuotaOfVersion2Counts() {
        let quota = ControlGroup.processorQuota(
            files: files([
                "/proc/self/cgroup": "0::/kubepods/pod/container\n",
                "/sys/fs/cgroup/kubepods/pod/container/cpu.max": "max 100000\n",
                "/sys/fs/cgroup/kubepods/pod/cpu.max": "150000 100000\n",
                "/sys/fs/cgroup/kubepods/cpu.max": "400000 100000\n",
            ]))
        #expect(quota == 1.5)
    }

    /// Docker's: the container sees its group as the root, under a path that it does not have.
    @Test func quotaOfVersion1IsUnderstood() {
        let quota = ControlGroup.processorQuota(
            files: files([
                "/proc/self/cgroup": "4:cpu,cpuacct:/docker/x\n0::/\n",
                "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000\n",
                "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            ]))
        #expect(quota == 0.5)
    }

    @Test func quotaOfVersion1MayBeOff() {
        let quota = ControlGroup.processorQuota(
            files: files([
                "/proc/self/cgroup": "4:cpu:/\n",
                "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            ]))
        #expect(quota == nil)
    }

    @Test(arguments: [
        ("max 100000", 8), ("800000 100000", 8), ("1600000 100000", 8), ("150000 100000", 2), ("10000 100000", 1),
    ])
    func aQuotaLowersWhatTheSchedulerAllows(quota: String, processors: Int) {
        let files = files(["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": quota + "\n"])
        #expect(Processors.usable(allowed: 8, files: files) == processors)
    }
}
