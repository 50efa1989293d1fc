import Foundation
import Testing

@testable import Phantom

struct PhantomDatasetTests {
  private static let scanners = Scanner.standard.prefix(2).map {
    $0.reduced(patients: 1, matrix: 24, slices: 4)
  }

  @Test func sameSeedYieldsSameBytes() throws {
    let (first, second, other) = try (dataset(seed: 1), dataset(seed: 1), dataset(seed: 2))
    #expect(first == second)
    #expect(first != other)
    #expect(first.count == 2 * 2 + 2)
  }

  @Test func tableNamesTheFiles() throws {
    let files = try dataset(seed: 3)
    let table = try #require(String(bytes: files["participants.csv"] ?? Data(), encoding: .utf8))
    let rows = table.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(rows[0] == ["participant", "site", "age", "sex"])
    #expect(rows.count == 3)
    for row in rows.dropFirst() {
      #expect(files["images/\(row[0])_flair.nii"] != nil && files["masks/\(row[0])_lesion.nii"] != nil)
      let scanner = try #require(Self.scanners.first { $0.site == row[1] })
      #expect(scanner.ages.contains(try #require(Int(row[2]))))
      #expect(["F", "M"].contains(row[3]))
    }
    let readme = try #require(String(bytes: files["README.md"] ?? Data(), encoding: .utf8))
    #expect(readme.contains("GENERATED"))
  }

  @Test func replacesAnInterruptedDataset() throws {
    try withFolder { folder in
      let left = folder.appending(path: "images/north-99_flair.nii")
      try FileManager.default.createDirectory(
        at: left.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data([1]).write(to: left)
      var generator = SeededGenerator(state: 1)
      try PhantomDataset(scanners: Self.scanners).write(to: folder, using: &generator)
      #expect(!FileManager.default.fileExists(atPath: left.path(percentEncoded: false)))
    }
  }

  @Test func refusesAForeignFolder() throws {
    try withFolder { folder in
      let file = folder.appending(path: "thesis.txt")
      try Data([1]).write(to: file)
      var generator = SeededGenerator(state: 1)
      let error = #expect(throws: PhantomError.self) {
        try PhantomDataset(scanners: Self.scanners).write(to: folder, using: &generator)
      }
      #expect(error?.message.contains("thesis.txt") == true)
      #expect(try Data(contentsOf: file) == Data([1]))
    }
  }

  /// Every file of a small data set by its path.
  private func dataset(seed: UInt64) throws -> [String: Data] {
    try withFolder { folder in
      var generator = SeededGenerator(state: seed)
      try PhantomDataset(scanners: Self.scanners).write(to: folder, using: &generator)
      let root = folder.path(percentEncoded: false)
      var files: [String: Data] = [:]
      for path in try FileManager.default.subpathsOfDirectory(atPath: root)
      where !["images", "masks"].contains(path) {
        files[path] = try Data(contentsOf: folder.appending(path: path))
      }
      return files
    }
  }

  private func withFolder<R>(_ body: (URL) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory.appending(path: "phantom-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}
