// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "consilium-benchmarks",
  dependencies: [.package(name: "consilium", path: "..")],
  targets: [
    .executableTarget(
      name: "training-steps",
      dependencies: [
        .product(name: "SiteTraining", package: "consilium"),
        .product(name: "StudyProtocol", package: "consilium"),
        .product(name: "Torch", package: "consilium"),
      ]),
    .executableTarget(
      name: "federated-rounds",
      dependencies: [
        "CPlainLoop",
        .product(name: "FederatedAlgorithms", package: "consilium"),
        .product(name: "FederatedCore", package: "consilium"),
        .product(name: "FederatedRuntime", package: "consilium"),
        .product(name: "ParameterFiles", package: "consilium"),
      ]),
    .executableTarget(
      name: "untrained-worker",
      dependencies: [
        .product(name: "FederatedCore", package: "consilium"),
        .product(name: "ParameterFiles", package: "consilium"),
        .product(name: "WorkerProtocol", package: "consilium"),
      ]),
    // Optimise for this machine, so that the comparison is fair.
    .target(name: "CPlainLoop", cSettings: [.unsafeFlags(["-O3", "-march=native"])]),
  ],
  swiftLanguageModes: [.v6]
)
