// swift-tools-version: 6.1
import PackageDescription

// Built by Scripts/fuzz.sh, which has every module count the branches that it takes.

/// A program that feeds one decoder with whatever libFuzzer makes up.
func fuzzer(_ name: String, _ products: [String], _ others: [Target.Dependency] = []) -> Target {
  .executableTarget(
    name: name,
    dependencies: ["CFuzzer"] + others + products.map { .product(name: $0, package: "consilium") })
}

let package = Package(
  name: "consilium-fuzzing",
  dependencies: [
    .package(name: "consilium", path: ".."),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    fuzzer(
      "fuzz-messages", ["FederatedCore", "FederatedTransport"],
      [.product(name: "SwiftProtobuf", package: "swift-protobuf")]),
    fuzzer("fuzz-safetensors", ["FederatedCore", "ParameterFiles"]),
    fuzzer("fuzz-studies", ["FederatedCore", "StudyProtocol"]),
    .target(name: "CFuzzer"),
  ],
  swiftLanguageModes: [.v6]
)
