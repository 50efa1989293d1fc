import Foundation
import Glibc
import Testing

@testable import MedicalImaging

/// Files that are not images, or images with surplus content.
struct HostileFileTests {
  private func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "hostile-\(UUID().uuidString)")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    try body(file.path(percentEncoded: false))
  }

  private var picture: [UInt8] {
    var builder = DicomBuilder()
    builder.describe(rows: 2, columns: 2)
    builder.element(.pixelData, "OB", [1, 2, 3, 4])
    return builder.file()
  }

  /// Otherwise the zeros would be parsed as millions of empty elements.
  @Test func zerosAfterTheLastElementAreSkipped() throws {
    try withFile(picture + [UInt8](repeating: 0, count: 4 << 20)) { path in
      let padded = try Volume.read(path)
      let plain = try DicomImage(FileContent(path: path, bytes: picture)).volume
      #expect(padded.voxels.sha256 == plain.voxels.sha256)
    }
  }

  /// Otherwise elements after the gap, such as the rescale slope, would be lost silently.
  @Test func zerosBeforeOtherElementsAreRefused() throws {
    var builder = DicomBuilder()
    builder.element(DicomTag(0, 0), "UN", [])
    builder.describe(rows: 2, columns: 2)
    builder.element(.pixelData, "OB", [1, 2, 3, 4])
    try withFile(builder.file()) { path in
      let error = #expect(throws: ImageError.self) { try Volume.read(path) }
      #expect(error?.code == .malformed && error?.message.contains("is damaged: at byte") == true)
    }
  }

  @Test func largeFileThatIsNoImageIsRefusedByItsFirstBytes() throws {
    try withFile([]) { path in
      #expect(truncate(path, 8 << 30) == 0)
      let error = #expect(throws: ImageError.self) { try Volume.read(path) }
      #expect(error?.code == .unknownFormat)
    }
  }

  /// Opening a pipe without a writer would wait forever.
  @Test func pipeIsRefused() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "pipe-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "a.dcm").path(percentEncoded: false)
    #expect(mkfifo(path, 0o600) == 0)
    let error = #expect(throws: ImageError.self) { try Volume.read(path) }
    #expect(error?.message.contains("is not a file") == true)
    _ = try? FolderInspection(folder: folder.path(percentEncoded: false))
  }

  @Test func foldersBelowTheDeepestThatIsReadAreNamed() throws {
    let top = FileManager.default.temporaryDirectory.appending(path: "deep-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: top) }
    let deep = (1...40).reduce(top) { folder, number in folder.appending(path: "d\(number)") }
    try FileManager.default.createDirectory(at: deep, withIntermediateDirectories: true)
    try Data(picture).write(to: deep.appending(path: "a.dcm"))
    let error = #expect(throws: ImageError.self) {
      try FolderInspection(folder: top.path(percentEncoded: false))
    }
    #expect(error?.message.contains("up to 32 levels below it") == true)
  }
}
