// swift-tools-version: 6.0
import PackageDescription

let upcomingFeatures: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Set by `make check-address`: Swift's driver refuses the undefined-behaviour sanitizer, its clang has it for C, and the
/// runtime of the address sanitizer brings what its reports need.
let undefinedIsFatal: [CSetting] = Context.environment["REDISTILL_UNDEFINED"] == "1"
    ? [.unsafeFlags(["-fsanitize=undefined,local-bounds", "-fno-sanitize-recover=undefined,local-bounds"])]
    : []

let cSettings: [CSetting] = [
    .define("_GNU_SOURCE"),
    .unsafeFlags(["-Wall", "-Wextra", "-Werror=implicit-function-declaration"]),
] + undefinedIsFatal

/// Set by the Makefile; only one small target is built anew when it changes.
let commit: [CSetting] = Context.environment["REDISTILL_COMMIT"].map {
    [.define("REDISTILL_COMMIT", to: "\"\($0)\"")]
} ?? []

/// The allocator: as a library, since the symbols of an archive would be hidden from libc and OpenSSL, and one would free
/// what the other allocated. packaging/dist names a folder with it as one object, whose symbols are everybody's, too, and
/// with the C++ library as an archive.
let allocator: [LinkerSetting] = Context.environment["REDISTILL_DIST_LIBRARIES"].map {
    [.unsafeFlags(["\($0)/jemalloc.o", "-Xclang-linker", "-L\($0)", "-Xclang-linker", "-static-libgcc"])]
} ?? [.linkedLibrary("jemalloc")]

/// Set by `make check`, whose sanitizer builds need the C target and its tests, and not the rest a second time. Optimized by
/// -O1 they took longer to build and no less to run.
let onlyC = Context.environment["REDISTILL_ONLY_C"] == "1"

/// What tests let fail or go wrong (probe_fault.h): in their binary these go by way of CHotProbe.
let interposed = [
    "malloc", "calloc", "realloc", "aligned_alloc", "strdup", "strndup", "free", "mmap", "munmap", "mprotect",
    "pthread_create", "socket", "accept4", "eventfd", "open", "close",
    "clock_gettime",
]

let hotTargets: [Target] = [
    .systemLibrary(name: "CLibevent", pkgConfig: "libevent", providers: [.apt(["libevent-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .target(
        name: "CRedistillHot",
        dependencies: ["CLibevent", "COpenSSL"],
        exclude: ["layers"],
        cSettings: cSettings + [.headerSearchPath(".")]
    ),
    // Reaches the internal headers of the C target, so that its modules are tested by the same runner.
    .target(
        name: "CHotProbe",
        dependencies: ["CRedistillHot", "CLibevent", "COpenSSL"],
        path: "Tests/CHotProbe",
        cSettings: cSettings + [.headerSearchPath("../../Sources/CRedistillHot")]
    ),
    .testTarget(
        name: "CRedistillHotTests",
        dependencies: ["CHotProbe", "CRedistillHot"],
        // The models and expected replies are large; unoptimized, they would take most of a run's time.
        swiftSettings: upcomingFeatures + [.unsafeFlags(["-O"])],
        linkerSettings: [.unsafeFlags(interposed.flatMap { ["-Xlinker", "--wrap=\($0)"] })]
    ),
]

let controlTargets: [Target] = [
    .target(name: "CRedistillBuild", cSettings: cSettings + commit),
    .target(
        name: "Redistill",
        dependencies: [
            "CRedistillHot",
            "CRedistillBuild",
            "COpenSSL",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "TOMLKit", package: "TOMLKit"),
        ],
        // A bundle beside the binary would be one more file to install, and Foundation to find it.
        resources: ["html", "css", "js"].map { .embedInCode("HTTP/Page/status.\($0)") },
        swiftSettings: upcomingFeatures
    ),
    .executableTarget(
        name: "redistilld",
        dependencies: [
            "Redistill",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        swiftSettings: upcomingFeatures,
        linkerSettings: allocator
    ),
    .testTarget(
        name: "RedistillTests",
        dependencies: [
            "Redistill", "redistilld", "CRedistillHot",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "Logging", package: "swift-log"),
        ],
        exclude: ["Pages"],
        swiftSettings: upcomingFeatures
    ),
    .testTarget(
        name: "RedistilldTests",
        // The daemon is not imported but started; naming it here gets it built first.
        dependencies: ["redistilld"],
        swiftSettings: upcomingFeatures
    ),
]

let package = Package(
    name: "redistill",
    products: onlyC ? [] : [
        .executable(name: "redistilld", targets: ["redistilld"]),
        .library(name: "Redistill", targets: ["Redistill"]),
    ],
    dependencies: onlyC ? [] : [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: onlyC ? hotTargets : hotTargets + controlTargets,
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu17,
    cxxLanguageStandard: .cxx17
)
