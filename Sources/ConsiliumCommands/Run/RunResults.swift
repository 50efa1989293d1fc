import FederatedCore
import Foundation
import Reporting
import RunStore
import StudyRuns

extension Report {
  /// Reads the results in a run folder.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the folder has no finished run, or a run of a
  ///   different version.
  init(run path: String) throws {
    let file = URL(fileURLWithPath: path, isDirectory: true).appending(path: "report.json")
    guard let json = try? Data(contentsOf: file) else {
      throw ConsiliumError(
        .invalidInput,
        "\(path) contains no report.json; name the folder of a finished 'consilium simulate --out'"
      )
    }
    do {
      let results = try Report(json: json).results
      // A report.json without its run folder, as fetched from a coordinator, has everything but replicates.
      let reader = try? RunReader(URL(fileURLWithPath: path, isDirectory: true))
      self.init(try reader.map(results.withStoredReplicates) ?? results)
    } catch let error as ConsiliumError {
      throw ConsiliumError(error.code, "\(file.path): \(error.message)", cause: error)
    }
  }
}
