import FederatedCore
import Foundation
import ParameterFiles
import TestSupport
import Testing

@testable import FederatedTransport

private let chunk = BlobDescriptor.usualChunkSize

struct BlobStoreTests {
  /// Runs `body` with a file of three and a half chunks in one store, and another store that will receive it.
  private func withBlob(_ body: (BlobDescriptor, BlobFile, BlobStore) throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let source = try BlobStore(folder.appending(path: "source"))
      let blob = try source.addNoise(3 * chunk + chunk / 2)
      try body(blob, try source.open(blob), try BlobStore(folder.appending(path: "target")))
    }
  }

  private func copy(_ chunks: Range<Int>, of file: BlobFile, to store: BlobStore) throws -> BlobPart {
    let part = try #require(try store.receive(file.descriptor))
    for chunk in chunks { try part.write(try file.chunk(chunk), chunk: chunk) }
    return part
  }

  private func isRight(_ blob: BlobDescriptor, in store: BlobStore) throws -> Bool {
    try BlobFile.describe(store.url(of: blob)) == blob
  }

  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
  }

  @Test func foreignFilesAreKept() async throws {
    try await withTemporaryFolder { folder in
      let store = try BlobStore(folder)
      for name in ["audit.log", "identity.key", "policy.yaml", "0123.safetensors"] {
        try Data("kept".utf8).write(to: folder.appending(path: name))
      }
      _ = try store.addNoise(1000)
      store.removeAll()
      #expect(
        try names(in: folder).sorted() == ["0123.safetensors", "audit.log", "identity.key", "policy.yaml"])
    }
  }

  /// If the file already has both names, a rename does nothing.
  @Test func addingAFileTwiceLeavesNoTemporaryFile() async throws {
    try await withTemporaryFolder { folder in
      let store = try BlobStore(folder.appending(path: "store"))
      let file = folder.appending(path: "model.safetensors")
      try Data(repeating: 7, count: 1000).write(to: file)
      let blob = try store.add(copyOf: file)
      for _ in 0..<3 { #expect(try store.add(copyOf: file) == blob) }
      #expect(try names(in: store.folder) == [store.url(of: blob).lastPathComponent])
    }
  }

  /// In a container, every process has the same ID.
  @Test func temporaryFilesOfACrashedProcessAreRemoved() async throws {
    try await withTemporaryFolder { folder in
      let store = try BlobStore(folder)
      let blob = try store.addNoise(100)
      for number in 1...3 {
        try Data([1]).write(to: folder.appending(path: "new-\(getpid())-\(number).safetensors"))
      }
      let own = folder.appending(path: "new-\(ProcessMark.text)-0.safetensors")
      try Data([1]).write(to: own)
      let again = try BlobStore(folder)
      #expect(try Set(names(in: folder)) == [store.url(of: blob).lastPathComponent, own.lastPathComponent])
      #expect(try again.firstMissing(of: blob) == blob.chunkCount)
    }
  }

  @Test func digestsCoverTheChunks() async throws {
    try await withBlob { blob, file, _ in
      #expect(blob.chunkCount == 4)
      #expect((0..<4).map { blob.range(of: $0).count } == [chunk, chunk, chunk, chunk / 2])
      for chunk in 0..<4 {
        let data = try file.chunk(chunk)
        #expect(data.withUnsafeBytes { blob.matches($0, chunk: chunk) })
        #expect(data.withUnsafeBytes { !blob.matches($0, chunk: (chunk + 1) % 4) })
      }
    }
  }

  @Test(arguments: 0...4) func resumesAtTheFirstMissingChunk(sent: Int) async throws {
    try await withBlob { blob, file, store in
      _ = try copy(0..<sent, of: file, to: store)
      // A new process knows only the folder.
      let again = try BlobStore(store.folder)
      #expect(try again.firstMissing(of: blob) == sent)
      if sent < 4 {
        let part = try copy(sent..<4, of: file, to: again)
        try again.finish(part)
      }
      #expect(try isRight(blob, in: again))
      #expect(try again.firstMissing(of: blob) == 4)
      #expect(try BlobStore(store.folder).firstMissing(of: blob) == 4, "a third process finds it complete")
    }
  }

  @Test(arguments: [0, 1, chunk, 2 * chunk - 1, 2 * chunk + 5])
  func tornPartResumesAfterItsLastWholeChunk(bytes: Int) async throws {
    try await withBlob { blob, file, store in
      let part = try copy(0..<4, of: file, to: store)
      #expect(truncate(part.url.path, off_t(bytes)) == 0)
      #expect(try BlobStore(store.folder).firstMissing(of: blob) == bytes / chunk)
    }
  }

  @Test func damagedPartResumesBeforeTheDamage() async throws {
    try await withBlob { blob, file, store in
      let part = try copy(0..<4, of: file, to: store)
      var data = try Data(contentsOf: part.url)
      data[chunk + 7] ^= 1
      // The leftover may also be longer than the blob.
      try (data + Data(count: 100)).write(to: part.url)
      let again = try BlobStore(store.folder)
      #expect(try again.firstMissing(of: blob) == 1)
      let rest = try copy(1..<4, of: file, to: again)
      try again.finish(rest)
      #expect(try isRight(blob, in: again))
    }
  }

  @Test func damagedCompleteFileIsFetchedAgain() async throws {
    try await withBlob { blob, file, store in
      try store.finish(try copy(0..<4, of: file, to: store))
      let handle = try FileHandle(forWritingTo: store.url(of: blob))
      try handle.seek(toOffset: 5)
      try handle.write(contentsOf: Data([0xFF, 0, 0xFF]))
      try handle.close()
      let again = try BlobStore(store.folder)
      #expect(try again.firstMissing(of: blob) == 0)
      #expect(again.keptParts(named: blob.name) == nil)
      try again.finish(try copy(0..<4, of: file, to: again))
      #expect(try isRight(blob, in: again))
    }
  }

  @Test func wrongChunkIsRefused() async throws {
    try await withBlob { blob, file, store in
      let part = try copy(0..<1, of: file, to: store)
      var data = try file.chunk(1)
      data[0] ^= 1
      for (bytes, chunk) in [(data, 1), (try file.chunk(2), 1), (data.dropLast(), 1), (Data(), 1), (data, 4)]
      {
        #expect(throws: ConsiliumError.self) { try part.write(bytes, chunk: chunk) }
      }
      #expect(try store.firstMissing(of: blob) == 1)
    }
  }

  /// A link that failed unnoticed leaves its transfer open while the next transfer is already running.
  @Test func twoTransfersCanShareOnePartialFile() async throws {
    try await withBlob { blob, file, store in
      let old = try copy(0..<2, of: file, to: store)
      #expect(try store.firstMissing(of: blob) == 2)
      let new = try copy(2..<3, of: file, to: store)
      // A late chunk of the first transfer.
      try old.write(try file.chunk(2), chunk: 2)
      #expect(try store.firstMissing(of: blob) == 3)
      try new.write(try file.chunk(3), chunk: 3)
      try store.finish(new)
      try old.write(try file.chunk(3), chunk: 3)
      try store.finish(old)
      #expect(try isRight(blob, in: store))
      #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder.path).count == 1)
    }
  }

  private func inode(_ url: URL) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: url.path))?[.systemFileNumber] as? Int
  }

  @Test func newBlobReusesTheFileOfARemovedOne() async throws {
    try await withBlob { blob, file, store in
      let old = try store.addNoise(5 * chunk, seed: 2)
      let number = inode(store.url(of: old))
      store.remove(old)
      #expect(try store.firstMissing(of: blob) == 0)
      try store.finish(try copy(0..<4, of: file, to: store))
      #expect(inode(store.url(of: blob)) == number)
      #expect(try isRight(blob, in: store))
      store.removeAll()
      #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder.path).isEmpty)
    }
  }

  @Test func openBlobIsNotOverwritten() async throws {
    try await withBlob { blob, file, store in
      let old = try store.addNoise(5 * chunk, seed: 2)
      let reader = try store.open(old)
      store.removeAll(except: [blob.name])
      try store.finish(try copy(0..<4, of: file, to: store))
      #expect(try isRight(blob, in: store))
      for index in 0..<5 {
        #expect(try reader.chunk(index).withUnsafeBytes { old.matches($0, chunk: index) })
      }
    }
  }

  /// The removed blob's transfer may still write to its file, so no other blob may reuse that file.
  @Test func blobWithAnOpenTransferIsNotOverwritten() async throws {
    try await withBlob { blob, file, store in
      let lingering = try copy(0..<4, of: file, to: store)
      try store.finish(lingering)
      store.remove(blob)
      let next = try BlobStore(store.folder.appending(path: "next")).addNoise(4 * chunk, seed: 3)
      let part = try #require(try store.receive(next))
      try lingering.write(try file.chunk(0), chunk: 0)
      let written = try Data(contentsOf: part.url)
      #expect(written.isEmpty, "what the lingering transfer writes goes to its own file")
    }
  }

  @Test func removedPartIsNotTreatedAsComplete() async throws {
    try await withBlob { blob, file, store in
      let old = try copy(0..<4, of: file, to: store)
      store.remove(blob)
      // Another transfer has started again under the same name, and has only the first chunk.
      let new = try copy(0..<1, of: file, to: store)
      #expect(throws: ConsiliumError.self) { try store.finish(old) }
      #expect(store.blob(blob.digest) == nil)
      for chunk in 1..<4 { try new.write(try file.chunk(chunk), chunk: chunk) }
      try store.finish(new)
      #expect(try isRight(blob, in: store))
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible)) func fullDiskIsReportedAndTheTransferResumes() async throws {
    try await withTemporaryFolder { folder in
      let source = try BlobStore(folder.appending(path: "source"))
      let blob = try source.addNoise(3 << 20)
      let file = try source.open(blob)
      try await SmallDisk.with(megabytes: 2) { disk in
        let store = try BlobStore(disk)
        let part = try #require(try store.receive(blob))
        try part.write(try file.chunk(0), chunk: 0)
        let error = await refusal {
          for chunk in 1..<blob.chunkCount { try part.write(try file.chunk(chunk), chunk: chunk) }
        }
        #expect(error?.code == .storage)
        #expect(error?.message.hasPrefix("the disk is full:") == true)
        #expect(try (4...8).contains(store.firstMissing(of: blob)))
      }
    }
  }

  @Test func oldestAnnouncementIsRemovedBeyondTheLimit() async throws {
    try await withTemporaryFolder { folder in
      let store = try BlobStore(folder.appending(path: "store"))
      let blobs = try (0...BlobStore.mostAnnounced).map { try store.addNoise(64, seed: UInt64($0 + 1)) }
      for blob in blobs { store.announce(blob) }
      #expect(store.announced(blobs[0].digest) == nil)
      #expect(store.blob(blobs[0].digest) == nil)
      #expect(!FileManager.default.fileExists(atPath: store.url(of: blobs[0]).path))
      #expect(store.announced(blobs[1].digest) != nil)
      #expect(FileManager.default.fileExists(atPath: store.url(of: blobs[1]).path))
    }
  }

  @Test func invalidDigestNamesNoBlob() async throws {
    try await withTemporaryFolder { folder in
      let store = try BlobStore(folder.appending(path: "store"))
      try ParameterFile.write(ModelParameters.some(1), to: folder.appending(path: "secret.safetensors"))
      for name in ["../secret", "", ".", String(repeating: "A", count: 64), "/etc/passwd"] {
        #expect(store.keptParts(named: name) == nil)
        #expect(!BlobStore.isName(name))
      }
      #expect(BlobStore.isName(String(repeating: "a0", count: 32)))
    }
  }
}
