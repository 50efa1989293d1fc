import Foundation
import StudyProtocol

/// A folder of text files, deleted together with the value.
final class TestFolder {
  let url: URL

  init(_ files: [String: String]) throws {
    url = FileManager.default.temporaryDirectory.appending(path: "study-protocol-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    for (name, text) in files {
      let file = url.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}

extension SiteIndex {
  /// All findings except findings about empty sets of the split, which are normal at tiny sites.
  var dataFindings: [ElementFinding] { findings.filter { $0.rule != .part } }
}
