import FederatedCore
import Foundation
import Reporting

extension Report {
  /// The results in a run folder.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where the folder holds no finished run or one of another version.
  init(run path: String) throws {
    let file = URL(fileURLWithPath: path, isDirectory: true).appending(path: "report.json")
    guard let json = try? Data(contentsOf: file) else {
      throw ConsiliumError(
        .invalidInput,
        "\(path) holds no report.json; name a folder that 'consilium simulate --out' filled, after it has finished"
      )
    }
    do {
      try self.init(json: json)
    } catch let error as ConsiliumError {
      throw ConsiliumError(error.code, "\(file.path): \(error.message)", cause: error)
    }
  }
}
