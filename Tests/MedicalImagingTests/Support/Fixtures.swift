import Foundation

@testable import MedicalImaging

/// The files made by `Fixtures/make_fixtures.py`, and their expected values.
enum Fixtures {
  static let folder = Bundle.module.url(forResource: "Fixtures", withExtension: nil)!.path
  static let expected: Expected = {
    do {
      return try JSONDecoder().decode(
        Expected.self, from: Data(contentsOf: URL(fileURLWithPath: path("expected.json"))))
    } catch {
      preconditionFailure("expected.json is not readable: \(error)")
    }
  }()

  static func path(_ name: String) -> String { folder + "/" + name }
  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// Reads content as if it were a file of this name.
  static func read(_ bytes: [UInt8], as name: String) throws -> Volume {
    try ImageReaders.read(FileContent(path: name, bytes: bytes))
  }

  static func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "imaging-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
  }
}

/// The content of `expected.json`.
struct Expected: Decodable, Sendable {
  struct Nifti: Decodable, Sendable {
    let shape: [Int]
    let sha256: String
    let affine: [Double]
    let slope, intercept: Double
  }
  struct Array: Decodable, Sendable {
    let shape: [Int]
    let sha256: String
  }
  struct Raster: Decodable, Sendable {
    let shape: [Int]
    let values: [Double]
  }
  struct Series: Decodable, Sendable {
    let shape: [Int]
    let sha256: String
    let spacing, origin, x, y, z: [Double]
  }
  struct Grid: Decodable, Sendable {
    let size: [Int]
    let values: [Double?]
    let origin, spacing: [Double]
    let direction: [Double]?
  }
  struct Transforms: Decodable, Sendable {
    let volume, picture, enlarged, reduced, direction, masked, turned, turnedNearest, magnified: [Double]
    let reoriented: [String: Grid]
    let linear, nearest: Grid
    let normalised: [String: [Double]]

    enum CodingKeys: String, CodingKey {
      case volume, picture, enlarged, reduced, direction, masked, turned, magnified, reoriented, linear,
        nearest, normalised
      case turnedNearest = "turned nearest"
    }
  }
  let nifti: [String: Nifti]
  let numpy: [String: Array]
  let raster: [String: Raster]
  let series: Series
  let transforms: Transforms
}

/// The greatest difference between two lists of numbers; infinite if their lengths differ. `nil` is skipped.
func greatestDifference(_ values: [Float], _ expected: [Double?]) -> Double {
  guard values.count == expected.count else { return .infinity }
  return zip(values, expected).reduce(0) { worst, pair in
    guard let value = pair.1 else { return worst }
    return max(worst, abs(Double(pair.0) - value))
  }
}

func greatestDifference(_ vector: SIMD3<Double>, _ expected: [Double]) -> Double {
  (0..<3).map { abs(vector[$0] - expected[$0]) }.max()!
}
