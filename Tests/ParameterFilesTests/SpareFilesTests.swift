import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import ParameterFiles

/// A file that is no longer needed is overwritten, but never while it is read.
struct SpareFilesTests {
  private let folder: TemporaryFolder
  private let spares: SpareFiles
  private let model = ModelParameters(layout: fixtureLayout, values: fixtureValues)

  init() throws {
    folder = try TemporaryFolder()
    spares = SpareFiles(in: folder.url)
  }

  private func inode(_ url: URL) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: url.path))?[.systemFileNumber] as? Int
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
  }

  @Test func takenFileGetsTheNewName() throws {
    let (old, new) = (folder.file("old.safetensors"), folder.file("new.safetensors"))
    try ParameterFile.write(model, to: old)
    let file = inode(old)
    spares.keep(old.path)
    #expect(try names().count == 1 && names().allSatisfy(SpareFiles.isSpare))
    let descriptor = try #require(spares.take(as: new.path))
    close(descriptor)
    #expect(inode(new) == file)
    #expect(try names() == ["new.safetensors"])
    #expect(spares.take(as: folder.file("third").path) == nil)
  }

  @Test func mappedFileIsNotOverwritten() throws {
    let url = folder.file("mapped.safetensors")
    try ParameterFile.write(model, to: url)
    var mapped: ModelParameters? = try ParameterFile.readModel(from: url)
    spares.keep(url.path)
    #expect(spares.take(as: folder.file("new").path) == nil)
    #expect(mapped == model)
    mapped = nil
    spares.place(at: folder.file("new").path)
    #expect(try names() == ["new"])
  }

  @Test func aFileWithAnotherNameIsNotKept() throws {
    let (url, other) = (folder.file("model.safetensors"), folder.file("other.safetensors"))
    try ParameterFile.write(model, to: url)
    try FileManager.default.linkItem(at: url, to: other)
    spares.keep(url.path)
    #expect(try names() == ["other.safetensors"])
  }

  @Test func fileWithAnAdditionalNameIsNotTaken() throws {
    let url = folder.file("model.safetensors")
    try ParameterFile.write(model, to: url)
    spares.keep(url.path)
    let spare = folder.file(try #require(try names().first))
    try FileManager.default.linkItem(at: spare, to: folder.file("backup.safetensors"))
    #expect(spares.take(as: folder.file("new").path) == nil)
  }

  @Test func atMostTwoFilesAreKept() throws {
    for number in 1...4 {
      try ParameterFile.write(model, to: folder.file("\(number)"))
      spares.keep(folder.file("\(number)").path)
    }
    #expect(try names().count == 2)
    spares.removeAll()
    #expect(try names().isEmpty)
  }

  /// A reader that opens a file before it is taken, but locks it only afterwards, notices that it is too
  /// late.
  @Test func lateReaderNoticesThatTheFileWasTaken() throws {
    let url = folder.file("model.safetensors")
    try ParameterFile.write(model, to: url)
    let reader = open(url.path, O_RDONLY)
    defer { close(reader) }
    #expect(FileUse.begin(reader, at: url.path))
    flock(reader, LOCK_UN)
    spares.keep(url.path)
    let writer = try #require(spares.take(as: folder.file("new").path))
    defer { close(writer) }
    #expect(!FileUse.begin(reader, at: url.path))
  }

  // MARK: Files that pass between processes

  @Test func aFastWriteReusesTheFileAtItsPlace() throws {
    let url = folder.file("output.safetensors")
    let large = ModelParameters.zeros(ParameterLayout(entries: [.init(name: "weight", shape: [100_000])]))
    try ParameterFile.write(large, to: url)
    let file = inode(url)
    try ParameterFile.write(model, to: url, durability: .fast)
    #expect(inode(url) == file)
    #expect(try ParameterFile.readModel(from: url) == model)
    #expect(try names() == ["output.safetensors"])
  }

  @Test func fastWriteLeavesAFileInUseUnchanged() throws {
    let url = folder.file("output.safetensors")
    try ParameterFile.write(model, to: url)
    let mapped = try ParameterFile.readModel(from: url)
    var changed = model
    changed.scale(by: 2)
    try ParameterFile.write(changed, to: url, durability: .fast)
    #expect(mapped == model)
    #expect(try ParameterFile.readModel(from: url) == changed)
  }

  @Test func durableWriteReplacesTheFile() throws {
    let url = folder.file("state.safetensors")
    try ParameterFile.write(model, to: url)
    // Keep the old file open, so that its inode number is not reused for the new file.
    let old = open(url.path, O_RDONLY)
    defer { close(old) }
    let file = inode(url)
    try ParameterFile.write(model, to: url, durability: .durable)
    #expect(inode(url) != file)
  }
}
