import CRedistillHot
import Testing

@testable import Redistill

@Suite struct HotSettingTests {
    private func value(_ key: KeyName, _ configuration: Configuration) -> Int64? {
        HotSetting.all.first { $0.key == key }?.value(in: configuration)
    }

    @Test func settingsFollowTheirKeys() throws {
        let configuration = try configuration(
            environment: ["REDIS_PASSWORD": "x"],
            flags: [
                "connection_timeout": "1500ms", "tcp_keepalive": "1500ms", "tcp_nodelay": "no", "max_memory": "1mb",
            ])
        #expect(value(.connectionTimeout, configuration) == 1500)
        #expect(value(.tcpKeepalive, configuration) == 2)
        #expect(value(.tcpNodelay, configuration) == 0)
        #expect(value(.maxMemory, configuration) == 1 << 20)
        #expect(value(.password, configuration) == 1)
        #expect(value(.password, Configuration()) == 0)
    }

    @Test func everySettingOfTheTableIsTakenByTheHotPath() throws {
        let server = try TestServer()
        for setting in HotSetting.all {
            try server.plane.control.set(setting, to: setting.value(in: Configuration()))
        }
        for name in EvictionPolicy.names { try server.plane.control.setPolicy(name) }
        #expect(throws: HotError.self) { try server.plane.control.setPolicy("nonsense") }
    }

    @Test func everySettingOfTheHotPathIsKnown() {
        #expect(Set(HotSetting.all.map(\.code.rawValue)) == Set(0..<RD_SETTING_COUNT.rawValue))
    }

    /// The table's ranges must not promise what the hot path refuses.
    @Test(arguments: HotSetting.all)
    func rangesOfTheTableAreThoseOfTheHotPath(setting: HotSetting) throws {
        let server = try TestServer()
        let key = ConfigurationTable.key(setting.key)
        let ends: [ConfigurationValue] =
            switch key.type {
            case .integer(let range), .adjusted(let range), .bytes(let range), .adjustedBytes(let range), .duration(let range):
                [.integer(range.lowerBound), .integer(range.upperBound)]
            case .memoryLimit, .clientMemory: [.integer(0), .integer(ByteSize.largest)]
            case .choice(let words): words.map { .text($0) }
            case .flag, .secret, .path: []
            default: [.integer(-1)]
            }
        for end in ends {
            var configuration = Configuration()
            configuration[setting.key] = .init(value: end, origin: .command)
            #expect(throws: Never.self, "\(key.name.rawValue) = \(end)") {
                try server.plane.control.set(setting, to: setting.value(in: configuration))
            }
        }
    }
}
