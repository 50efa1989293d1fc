import Foundation
import Testing

@testable import StudyProtocol

@Suite struct FileFinderTests {
  private func find(_ path: String, among files: [String]) throws -> FileFinder.Result {
    let folder = try TestFolder(Dictionary(uniqueKeysWithValues: files.map { ($0, "xy") }))
    return FileFinder(try DataFolder(".", dataRoot: folder.url)).find(path)
  }

  /// The bytes differ, although the texts compare as equal.
  @Test func findsDecomposedFileName() throws {
    let composed = "img/M\u{FC}ller.png"
    let decomposed = "img/Mu\u{308}ller.png"
    for (wanted, file) in [(composed, decomposed), (decomposed, composed), (composed, composed)] {
      guard case .found(let path, size: 2) = try find(wanted, among: [file]) else {
        Issue.record("not found")
        continue
      }
      #expect(Array(path.utf8) == Array(file.utf8))
    }
  }

  @Test func findsFileInDecomposedFolder() throws {
    #expect(
      try find("K\u{F6}ln/1.png", among: ["Ko\u{308}ln/1.png"])
        == .found("Ko\u{308}ln/1.png", size: 2))
  }

  @Test(arguments: [
    ("1.png", ["1.PNG"], FileFinder.Result.near("1.PNG", size: 2)),
    ("1.png", ["1\u{200B}.png"], .near("1\u{200B}.png", size: 2)),
    ("1.png", ["001.png"], .alike("001.png", .zeros)),
    ("P1.png", ["p1.png"], .alike("p1.png", .letterCase)),
    ("a/1.png", ["A/1.png"], .alike("A", .letterCase)),
    ("1.png", ["1.PNG", "1.Png"], .alike("1.PNG", .letterCase)), ("1.png", ["2.png"], .absent),
    ("1.0.png", ["1.png"], .alike("1.png", .form)), ("1.png.png", ["1.png"], .alike("1.png", .ending)),
    ("1.png", ["1.jpg"], .alike("1.jpg", .ending)),
    ("1.png", ["1.png", "001.png"], .found("1.png", size: 2)), ("b/1.png", ["a/1.png"], .absent),
  ])
  func otherNames(path: String, files: [String], result: FileFinder.Result) throws {
    #expect(try find(path, among: files) == result)
  }
}
