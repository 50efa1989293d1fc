import Foundation

/// The inputs of faults that users report; the training tests hold them.
enum FieldCases {
  static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../SiteTrainingTests/Fixtures/Field/" + name).standardizedFileURL.path
  }
}
