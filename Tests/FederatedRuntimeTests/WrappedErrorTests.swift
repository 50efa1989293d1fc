import FederatedCore
import FederatedRuntime
import Foundation
import Testing

/// An error of the file system pauses a study, whichever library reports it; other errors may end it.
struct WrappedErrorTests {
  @Test func errorsOfTheFileSystemAreStorageErrors() throws {
    let missing = URL(fileURLWithPath: "/nowhere/\(UUID().uuidString)")
    let faults: [() throws -> Void] = [
      { _ = try Data(contentsOf: missing) },
      { try Data().write(to: missing) },
      { try FileManager.default.moveItem(at: missing, to: missing.appending(path: "a")) },
      { _ = try FileManager.default.contentsOfDirectory(atPath: missing.path) },
      {
        try FileManager.default.createDirectory(
          at: URL(fileURLWithPath: "/dev/null/a"), withIntermediateDirectories: true)
      },
      { throw POSIXError(.EIO) },
    ]
    for (index, fault) in faults.enumerated() {
      let error = #expect(throws: (any Error).self) { try fault() }
      #expect(ConsiliumError(wrapping: try #require(error)).code == .storage, "fault \(index)")
    }
  }

  @Test func otherErrorsKeepTheirKind() throws {
    #expect(ConsiliumError(wrapping: CancellationError()).code == .cancelled)
    #expect(ConsiliumError(wrapping: ConsiliumError(.diverged, "")).code == .diverged)
    let error = #expect(throws: (any Error).self) { try JSONDecoder().decode(Int.self, from: Data("x".utf8)) }
    #expect(ConsiliumError(wrapping: try #require(error)).code == .engine)
  }
}
