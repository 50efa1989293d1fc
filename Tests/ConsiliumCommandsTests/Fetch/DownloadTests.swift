import Crypto
import FederatedCore
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite struct DownloadTests {
  let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }

  private var digest: FileDigest {
    .sha256(SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined())
  }

  private func download(
    from server: FileServer, to folder: URL, expecting digest: FileDigest? = nil, retries: Int = 2
  ) throws -> Download {
    Download(
      source: try #require(URL(string: server.base + "/scan.npz")),
      destination: folder.appending(path: "scan.npz"),
      digest: digest ?? self.digest, retries: retries, patience: .milliseconds(1), timeout: 10)
  }

  @Test func fetchesAFileOnceAndReportsProgress() async throws {
    try await withTemporaryFolder { folder in
      let server = try FileServer(content: content)
      defer { server.stop() }
      let download = try download(from: server, to: folder.appending(path: "new/folder"))
      let seen = Mutex<[Transferred]>([])
      #expect(try await download.run { step in seen.withLock { $0.append(step) } } == .fetched)
      #expect(try Data(contentsOf: download.destination) == Data(content))
      #expect(!FileManager.default.fileExists(atPath: download.part.path))
      #expect(seen.withLock { $0.last } == Transferred(bytes: content.count, total: content.count))
      #expect(try await download.run() == .alreadyThere)
      #expect(server.ranges == [nil])
    }
  }

  @Test func resumesAfterABrokenConnection() async throws {
    try await withTemporaryFolder { folder in
      let server = try FileServer(content: content, .cut(after: 100_000), .good)
      defer { server.stop() }
      let download = try download(from: server, to: folder)
      #expect(try await download.run() == .fetched)
      #expect(try Data(contentsOf: download.destination) == Data(content))
      #expect(server.ranges == [nil, "bytes=100000-"])
    }
  }

  @Test func keepsPartialDownloadForTheNextRun() async throws {
    try await withTemporaryFolder { folder in
      let server = try FileServer(content: content, .cut(after: 50_000), .good)
      defer { server.stop() }
      let first = try download(from: server, to: folder, retries: 0)
      let error = await #expect(throws: ConsiliumError.self) { try await first.run() }
      #expect(error?.message.contains("50.0 kB are kept; run the command again") == true)
      #expect(try await download(from: server, to: folder).run() == .fetched)
      #expect(server.ranges == [nil, "bytes=50000-"])
    }
  }

  @Test func restartsIfTheServerIgnoresRanges() async throws {
    try await withTemporaryFolder { folder in
      let server = try FileServer(content: content, .cut(after: 1000), .ignoringRange)
      defer { server.stop() }
      let download = try download(from: server, to: folder)
      #expect(try await download.run() == .fetched)
      #expect(try Data(contentsOf: download.destination) == Data(content))
    }
  }

  @Test func finishesACompletePartialFile() async throws {
    try await withTemporaryFolder { folder in
      let server = try FileServer(content: content)
      defer { server.stop() }
      let download = try download(from: server, to: folder)
      try Data(content).write(to: download.part)
      #expect(try await download.run() == .fetched)
    }
  }

  @Test func deletesFileWithAnotherDigest() async throws {
    try await withTemporaryFolder { folder in
      let server = try FileServer(content: content)
      defer { server.stop() }
      let download = try download(
        from: server, to: folder, expecting: .md5("00000000000000000000000000000000"))
      let error = await #expect(throws: ConsiliumError.self) { try await download.run() }
      #expect(error?.code == .storage)
      #expect(error?.message.contains("is not the published file") == true)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test func neverOverwritesAnotherFile() async throws {
    try await withTemporaryFolder { folder in
      let server = try FileServer(content: content)
      defer { server.stop() }
      let download = try download(from: server, to: folder)
      try Data("mine".utf8).write(to: download.destination)
      await #expect(throws: ConsiliumError.self) { try await download.run() }
      #expect(try Data(contentsOf: download.destination) == Data("mine".utf8))
    }
  }

  @Test(arguments: [(404, "does not exist"), (403, "HTTP status 403"), (503, "")])
  func errorStatesTheServersAnswer(status: Int, words: String) async throws {
    try await withTemporaryFolder { folder in
      let server = try FileServer(content: content, .status(status))
      defer { server.stop() }
      let download = try download(from: server, to: folder, retries: 1)
      let error = await #expect(throws: ConsiliumError.self) { try await download.run() }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains(words) == true || words.isEmpty)
      #expect(server.ranges.count == (status == 503 ? 2 : 1))
    }
  }

  @Test func errorStatesThatNothingAnswers() async throws {
    try await withTemporaryFolder { folder in
      let server = try FileServer(content: content)
      server.stop()
      let error = await #expect(throws: ConsiliumError.self) {
        try await download(from: server, to: folder).run()
      }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("127.0.0.1") == true)
    }
  }

  @Test func errorNamesTheFolderThatCannotBeCreated() async throws {
    try await withTemporaryFolder { folder in
      let server = try FileServer(content: content)
      defer { server.stop() }
      let file = folder.appending(path: "file")
      try Data().write(to: file)
      let error = await #expect(throws: ConsiliumError.self) {
        try await download(from: server, to: file.appending(path: "below")).run()
      }
      #expect(error?.code == .storage)
    }
  }
}
