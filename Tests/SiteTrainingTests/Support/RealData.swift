import Foundation

/// The locations of the examples and the real data: in `CONSILIUM_DATA`, or next to the repository.
enum RealData {
  static let examples = repository.appending(path: "Examples")

  private static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The folder that holds the data set; `nil` if it is absent.
  static func root(holding name: String) -> URL? {
    let candidates = [
      ProcessInfo.processInfo.environment["CONSILIUM_DATA"].map { URL(filePath: $0) },
      repository.appending(path: "../shared/data").standardizedFileURL,
    ]
    return candidates.compactMap(\.self).first {
      FileManager.default.fileExists(atPath: $0.appending(path: name).path)
    }
  }
}
