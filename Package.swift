// swift-tools-version: 6.1
import PackageDescription

// libtorch is unpacked here by `make setup`; see Scripts/setup.sh.
let libtorch = Context.packageDirectory + "/.deps/libtorch"
let gdcm = "/usr/include/gdcm-3.0"

// The layers of the house, lowest first. Arrows go down; modules of one layer do not import each other.
// See Documentation/Design.md.

/// A Swift library target and its test target, under Sources/ and Tests/.
///
/// Reference files of the tests, if any, are in Fixtures/ under the test target.
func library(
  _ name: String, _ dependencies: [Target.Dependency], tests: [Target.Dependency] = [],
  exclude: [String] = [], hasFixtures: Bool = false
) -> [Target] {
  [
    .target(name: name, dependencies: dependencies, exclude: exclude),
    .testTarget(
      name: name + "Tests", dependencies: [.byName(name: name)] + dependencies + tests,
      resources: hasFixtures ? [.copy("Fixtures")] : []),
  ]
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let grpc = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcHTTP2 = Target.Dependency.product(
  name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")
let grpcProtobuf = Target.Dependency.product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let core = library("FederatedCore", [], tests: ["FederatedTesting"])

let algorithms = library("FederatedAlgorithms", ["FederatedCore"], tests: ["FederatedTesting"])

let values = core + algorithms

let parts =
  library("ParameterFiles", ["FederatedCore", crypto], tests: ["TestSupport"], hasFixtures: true)
  + library(
    "StudyProtocol", ["FederatedAlgorithms", "FederatedCore", yams, crypto],
    tests: ["FederatedTesting", "TestSupport"])
  + library("EvaluationMetrics", [], hasFixtures: true)
  + library("WorkerProtocol", ["FederatedCore"])
  + library(
    "Credentials", ["FederatedCore", x509, asn1, crypto, cryptoExtras],
    tests: ["CredentialsTesting", "TestSupport"])
  + library("JSONLogging", ["FederatedCore", logging])
  + library("Phantom", [], hasFixtures: true)
  + library("Torch", ["CTorch"], hasFixtures: true)
  + library("MedicalImaging", ["CImageCodecs", crypto], hasFixtures: true)

let machinery =
  library(
    "FederatedRuntime",
    ["FederatedCore", "ParameterFiles", "WorkerProtocol", subprocess, system],
    tests: ["FederatedAlgorithms", "FederatedTesting", "TestSupport"], hasFixtures: true)
  + library(
    "SiteTraining",
    [
      "FederatedCore", "ParameterFiles", "StudyProtocol", "EvaluationMetrics", "WorkerProtocol", "Torch",
      "MedicalImaging",
    ], tests: ["FederatedAlgorithms", "FederatedRuntime", "FederatedTesting", "TestSupport"],
    hasFixtures: true)
  + library(
    "StudyAgreement", ["FederatedCore", "StudyProtocol", "Credentials"],
    tests: ["CredentialsTesting"])

let adapters =
  library(
    "RunStore",
    ["FederatedCore", "ParameterFiles", "StudyProtocol", "WorkerProtocol", "FederatedRuntime", grdb],
    tests: ["FederatedTesting", "TestSupport"], hasFixtures: true)
  + library("Reporting", ["FederatedCore", "EvaluationMetrics", "ParameterFiles"], tests: ["TestSupport"])
  + library(
    "Provisioning", ["FederatedCore", "ParameterFiles", "Credentials", x509, asn1, crypto],
    tests: ["CredentialsTesting", "TestSupport"])
  + library(
    "AuditLog", ["FederatedCore", "Credentials", "StudyAgreement"],
    tests: ["CredentialsTesting", "FederatedTesting"])
  + library(
    "FederatedTransport",
    [
      "FederatedCore", "ParameterFiles", "FederatedRuntime", "Credentials", "StudyAgreement", protobuf, grpc,
      grpcHTTP2, grpcProtobuf, nio, nioPosix, nioTLS, nioSSL, crypto, x509,
    ],
    tests: [
      "CredentialsTesting", "FederatedAlgorithms", "FederatedTesting", "TestSupport", nioEmbedded,
    ],
    exclude: ["Protos"])
  + library(
    "Etcd",
    ["FederatedCore", "ParameterFiles", protobuf, grpc, grpcHTTP2, grpcProtobuf, subprocess, system],
    tests: ["FederatedTesting", "TestSupport"], exclude: ["Protos"])

let runs = library(
  "StudyRuns",
  [
    "EvaluationMetrics", "FederatedAlgorithms", "FederatedCore", "FederatedRuntime", "ParameterFiles",
    "Reporting", "RunStore",
    "StudyProtocol", "WorkerProtocol",
  ],
  tests: ["FederatedTesting", "TestSupport"])

let applications =
  library(
    "Simulator",
    [
      "FederatedCore", "FederatedRuntime", "ParameterFiles", "Reporting", "RunStore", "StudyProtocol",
      "StudyRuns", "WorkerProtocol",
    ],
    tests: ["Phantom", "TestSupport"])
  + library(
    "CoordinatorService",
    [
      "AuditLog", "Credentials", "FederatedCore", "FederatedRuntime", "FederatedTransport", "ParameterFiles",
      "Reporting", "RunStore", "StudyAgreement", "StudyProtocol", "StudyRuns", "WorkerProtocol", grdb,
    ],
    tests: ["CredentialsTesting", "FederatedTesting", "TestSupport"], hasFixtures: true)
  + library(
    "SiteAgent",
    [
      "AuditLog", "Credentials", "FederatedCore", "FederatedRuntime", "FederatedTransport",
      "ParameterFiles", "StudyAgreement", "StudyProtocol", "StudyRuns", "WorkerProtocol",
    ],
    tests: [
      "AdversaryTesting", "CredentialsTesting", "FederatedAlgorithms", "FederatedTesting", "TestSupport",
    ], hasFixtures: true
  )
  + library(
    "Dashboard",
    [
      "FederatedCore", "Credentials", "Reporting", hummingbird, hummingbirdTLS, lifecycle, logging, crypto,
    ],
    tests: [hummingbirdTesting, x509, asn1])

let pages = library(
  "CoordinatorDashboard",
  [
    "AuditLog", "CoordinatorService", "Credentials", "Dashboard", "FederatedCore", "FederatedRuntime",
    "FederatedTransport", "Reporting", "RunStore", "StudyAgreement", "StudyRuns", "WorkerProtocol",
  ])

let executables =
  library(
    "ConsiliumCommands",
    [
      "AuditLog", "CoordinatorDashboard", "CoordinatorService", "Credentials", "Dashboard", "Etcd",
      "FederatedCore", "FederatedRuntime", "FederatedTransport", "JSONLogging", "ParameterFiles", "Phantom",
      "Provisioning",
      "Reporting", "RunStore", "Simulator", "SiteAgent", "StudyAgreement", "StudyProtocol", "StudyRuns",
      "WorkerProtocol",
      arguments, crypto, lifecycle, logging,
    ], tests: ["CredentialsTesting", "TestSupport"], hasFixtures: true)
  + [
    .executableTarget(name: "consilium", dependencies: ["ConsiliumCommands"]),
    .executableTarget(name: "consilium-worker", dependencies: ["SiteTraining"]),
  ]

let programs = pages + executables

let native: [Target] = [
  .target(
    name: "CTorch",
    cxxSettings: [
      .unsafeFlags([
        "-isystem", libtorch + "/include", "-isystem", libtorch + "/include/torch/csrc/api/include", "-O2",
      ])
    ],
    linkerSettings: [
      .unsafeFlags(["-L" + libtorch + "/lib", "-Xlinker", "-rpath", "-Xlinker", libtorch + "/lib"]),
      .linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
    ]),
  .target(
    name: "CImageCodecs",
    cSettings: [
      .unsafeFlags(["-isystem", gdcm, "-isystem", "/usr/include/openjpeg-2.5", "-O2"])
    ],
    cxxSettings: [.unsafeFlags(["-isystem", gdcm, "-O2"])],
    linkerSettings: [
      .linkedLibrary("gdcmMSFF"), .linkedLibrary("gdcmDSED"), .linkedLibrary("gdcmCommon"),
      .linkedLibrary("gdcmjpeg8"), .linkedLibrary("gdcmjpeg12"), .linkedLibrary("gdcmjpeg16"),
      .linkedLibrary("openjp2"), .linkedLibrary("jpeg"), .linkedLibrary("png"), .linkedLibrary("z"),
    ]),
]

let testing: [Target] = [
  .target(name: "FederatedTesting", dependencies: ["FederatedCore"]),
  .target(name: "TestSupport", dependencies: ["FederatedCore"]),
  .target(
    name: "AdversaryTesting",
    dependencies: [
      "Credentials", "CredentialsTesting", "FederatedCore", "FederatedRuntime", "FederatedTesting",
      "FederatedTransport", "ParameterFiles", "StudyAgreement", "StudyProtocol", "StudyRuns", "TestSupport",
    ]),
  .target(name: "CredentialsTesting", dependencies: ["FederatedCore", "Credentials", crypto]),
]

let package = Package(
  name: "consilium",
  products: [
    .executable(name: "consilium", targets: ["consilium"]),
    .executable(name: "consilium-worker", targets: ["consilium-worker"]),
    // For Benchmarks/ and Fuzzing/, which are packages of their own.
    .library(name: "FederatedAlgorithms", targets: ["FederatedAlgorithms"]),
    .library(name: "FederatedCore", targets: ["FederatedCore"]),
    .library(name: "FederatedRuntime", targets: ["FederatedRuntime"]),
    .library(name: "FederatedTransport", targets: ["FederatedTransport"]),
    .library(name: "ParameterFiles", targets: ["ParameterFiles"]),
    .library(name: "SiteTraining", targets: ["SiteTraining"]),
    .library(name: "StudyProtocol", targets: ["StudyProtocol"]),
    .library(name: "Torch", targets: ["Torch"]),
    .library(name: "WorkerProtocol", targets: ["WorkerProtocol"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: values + parts + machinery + adapters + runs + applications + programs + native + testing,
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx20
)
