import FederatedCore
import Foundation

/// Reads an audit log line by line in little memory, also while another process writes it.
public struct AuditReader: ~Copyable {
  /// One line of the file.
  public struct Line: Sendable {
    /// Counted from 1.
    public var number: Int
    /// As the file holds it; empty where it is too long to be an entry.
    public var text: String
    /// What the line says; nil where it is no entry.
    public var entry: AuditEntry?
    /// Whether the entry has the hash that the line states.
    public var isIntact: Bool
  }

  private var lines: LineReader

  /// - Parameter file: the log, or a folder that holds one under the name ``fileName``.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where there is none.
  public init(_ file: URL) throws(ConsiliumError) { lines = try LineReader(Self.log(at: file)) }

  /// What an audit log is called in the folder of its owner.
  public static let fileName = "audit.log"

  /// The log that a path means: itself, or the one in the folder.
  public static func log(at url: URL) -> URL {
    var status = stat()
    let isFolder = stat(url.path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    return isFolder ? url.appending(path: fileName) : url
  }

  /// The next line; nil at the end, where asking later finds what has been written since. A line that is not finished yet is not
  /// there.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public mutating func next() throws(ConsiliumError) -> Line? {
    guard let line = try lines.next() else { return nil }
    let content = line.bytes.flatMap(AuditLine.decode)
    return Line(
      number: line.number, text: String(decoding: line.bytes ?? Data(), as: UTF8.self), entry: content?.entry,
      isIntact: content?.isIntact ?? false)
  }
}
