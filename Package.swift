// swift-tools-version: 6.0
import PackageDescription

let upcomingFeatures: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let cSettings: [CSetting] = [
    .define("_GNU_SOURCE"),
    .unsafeFlags(["-Wall", "-Wextra", "-Werror=implicit-function-declaration"]),
]

let package = Package(
    name: "redistill",
    products: [
        .executable(name: "redistilld", targets: ["redistilld"]),
        .library(name: "Redistill", targets: ["Redistill"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibevent", pkgConfig: "libevent", providers: [.apt(["libevent-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(
            name: "CRedistillHot",
            dependencies: ["CLibevent", "COpenSSL"],
            cSettings: cSettings
        ),
        .target(
            name: "Redistill",
            dependencies: [
                "CRedistillHot",
                "COpenSSL",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            swiftSettings: upcomingFeatures
        ),
        .executableTarget(
            name: "redistilld",
            dependencies: [
                "Redistill",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: upcomingFeatures
        ),
        .testTarget(
            name: "RedistillTests",
            dependencies: [
                "Redistill", "redistilld", "CRedistillHot",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: upcomingFeatures
        ),
        .testTarget(
            name: "RedistilldTests",
            // The daemon is not imported but started; naming it here gets it built first.
            dependencies: ["redistilld"],
            swiftSettings: upcomingFeatures
        ),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu17,
    cxxLanguageStandard: .cxx17
)
