import Foundation
import SiteTraining
import StudyProtocol

/// One network and batch of `training.json`, which the PyTorch program reads too.
struct Case: Decodable {
  var name: String
  var model: Study.Model
  var inputs: Int
  var outputs: Int
  /// The image's size along each spatial axis.
  var size: [Int]
  var batch: Int

  var shape: ModelShape { ModelShape(inputs: inputs, outputs: outputs, dimensions: size.count) }

  /// The case of this name in a file of them.
  static func named(_ name: String, in file: String) throws -> Case {
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    guard let found = cases.first(where: { $0.name == name }) else {
      throw UsageError("\(file) has no case '\(name)'; it has \(cases.map(\.name).joined(separator: ", "))")
    }
    return found
  }
}

struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
