import Foundation

/// A folder that exists as long as this object.
public final class TemporaryFolder: Sendable {
  public let url: URL

  public init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "consilium-\(UUID().uuidString)")
    // As private as the folders that the programs create, which would close an open one and say so.
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  public func file(_ name: String) -> URL { url.appending(path: name) }
}

/// Calls `body` with a folder that is removed afterwards.
///
/// For synchronous tests. An asynchronous test always calls the asynchronous overload, even if `body` is
/// synchronous.
@_disfavoredOverload
public func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = try TemporaryFolder()
  defer { withExtendedLifetime(folder) {} }
  return try body(folder.url)
}

/// Calls `body` with a folder that is removed afterwards.
public func withTemporaryFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
  let folder = try TemporaryFolder()
  defer { withExtendedLifetime(folder) {} }
  return try await body(folder.url)
}

/// The permission bits of a file or folder.
public func mode(of url: URL) throws -> Int {
  let attributes = try FileManager.default.attributesOfItem(atPath: url.path(percentEncoded: false))
  return (attributes[.posixPermissions] as? Int) ?? -1
}

/// The files and folders in `folder` to which others than their owner have access, relative to it.
public func openToOthers(in folder: URL) throws -> [String] {
  let names = FileManager.default.enumerator(atPath: folder.path(percentEncoded: false))
  return try (names?.compactMap { $0 as? String } ?? []).filter {
    try mode(of: folder.appending(path: $0)) & 0o077 != 0
  }.sorted()
}
