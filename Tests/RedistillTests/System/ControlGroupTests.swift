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
    }
}
