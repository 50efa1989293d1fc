// swift-tools-version: 6.1
import PackageDescription

// libtorch is unpacked here by `make setup`; see Scripts/setup.sh.
let libtorch = Context.packageDirectory + "/.deps/libtorch"
let gdcm = "/usr/include/gdcm-3.0"

// The layers of the house, lowest first. Arrows go down; modules of one layer do not import each other.
// See Documentation/Design.md.

/// A Swift library target and its test target, under Sources/ and Tests/.
func library(_ name: String, _ dependencies: [Target.Dependency], tests: [Target.Dependency] = []) -> [Target]
{
  [
    .target(name: name, dependencies: dependencies),
    .testTarget(
      name: name + "Tests", dependencies: [.byName(name: name)] + dependencies + tests,
      resources: [.copy("Fixtures")]),
  ]
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let values = library("FederatedCore", [], tests: ["FederatedTesting"])

let parts =
  library("ParameterFiles", ["FederatedCore", crypto])
  + library("StudyProtocol", ["FederatedCore", yams, crypto])
  + library("FederatedAlgorithms", ["FederatedCore"], tests: ["FederatedTesting"])
  + library("EvaluationMetrics", [])
  + library("WorkerProtocol", ["FederatedCore"])
  + library("Phantom", [])
  + library("Torch", ["CTorch"])
  + library("MedicalImaging", ["CImageCodecs", crypto])

let machinery =
  library(
    "FederatedRuntime",
    [
      "FederatedCore", "FederatedAlgorithms", "ParameterFiles", "WorkerProtocol",
    ],
    tests: ["FederatedTesting"])
  + library(
    "SiteTraining",
    [
      "FederatedCore", "ParameterFiles", "StudyProtocol", "EvaluationMetrics", "WorkerProtocol", "Torch",
      "MedicalImaging",
    ])

let adapters =
  library(
    "RunStore",
    ["FederatedCore", "ParameterFiles", "StudyProtocol", "WorkerProtocol", "FederatedRuntime", grdb],
    tests: ["FederatedTesting"])
  + library("Reporting", ["FederatedCore", "EvaluationMetrics"])

let applications = library(
  "Simulator",
  [
    "FederatedCore", "FederatedAlgorithms", "FederatedRuntime", "ParameterFiles", "Reporting", "RunStore",
    "StudyProtocol", "WorkerProtocol",
  ],
  tests: ["Phantom"])

let executables =
  library(
    "ConsiliumCommands",
    [
      "FederatedCore", "FederatedRuntime", "ParameterFiles", "Phantom", "Reporting", "Simulator",
      "StudyProtocol", "WorkerProtocol", arguments, crypto,
    ])
  + [
    .executableTarget(name: "consilium", dependencies: ["ConsiliumCommands"]),
    .executableTarget(name: "consilium-worker", dependencies: ["SiteTraining"]),
  ]

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

let testing: [Target] = [.target(name: "FederatedTesting", dependencies: ["FederatedCore"])]

let package = Package(
  name: "consilium",
  products: [
    .executable(name: "consilium", targets: ["consilium"]),
    .executable(name: "consilium-worker", targets: ["consilium-worker"]),
    // For Benchmarks/, which is a package of its own.
    .library(name: "FederatedAlgorithms", targets: ["FederatedAlgorithms"]),
    .library(name: "FederatedCore", targets: ["FederatedCore"]),
    .library(name: "FederatedRuntime", targets: ["FederatedRuntime"]),
    .library(name: "ParameterFiles", targets: ["ParameterFiles"]),
    .library(name: "SiteTraining", targets: ["SiteTraining"]),
    .library(name: "StudyProtocol", targets: ["StudyProtocol"]),
    .library(name: "Torch", targets: ["Torch"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: values + parts + machinery + adapters + applications + executables + native + testing,
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx20
)
