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
      ])
  ],
  swiftLanguageModes: [.v6]
)
