// swift-tools-version: 6.1
import PackageDescription

// Built by Scripts/fuzz.sh, which instruments the branches of every module.

/// A program that passes libFuzzer's generated inputs to one decoder.
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
