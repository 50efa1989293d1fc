import Foundation

/// The files of this test target.
enum Fixtures {
  static func file(_ path: String) -> String { folder.appending(path: path).path }

  private static var folder: URL {
    Bundle.module.bundleURL.appending(path: "Fixtures", directoryHint: .isDirectory)
  }
}
