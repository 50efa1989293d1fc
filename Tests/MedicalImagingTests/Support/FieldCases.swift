import Foundation

/// The input files of problems reported by users, which are stored with the training tests.
enum FieldCases {
  static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../SiteTrainingTests/Fixtures/Field/" + name).standardizedFileURL.path
  }
}
