import Credentials
import FederatedCore
import Foundation

/// Reads an audit log line by line in little memory, even while another process writes it.
public struct AuditReader: ~Copyable {
  /// One line of the file.
  public struct Line: Sendable {
    /// The line's number, counted from 1.
    public var number: Int
    /// The text as in the file; empty if the line is too long to be an entry.
    public var text: String
    /// The entry in the line; `nil` if the line is not an entry.
    public var entry: AuditEntry?
    /// Whether the line states the entry's actual hash.
    public var isIntact: Bool
  }

  private var lines: LineReader

  /// - Parameter file: the log, or a folder that holds a log under the name ``fileName``.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if there is no log.
  public init(_ file: URL) throws(ConsiliumError) { lines = try LineReader(Self.log(at: file)) }

  /// The name of an audit log in the folder of its owner.
  public static let fileName = "audit.log"

  /// The log at a path: the file itself, or the log in the folder at that path.
  public static func log(at url: URL) -> URL {
    var status = stat()
    let isFolder = stat(url.path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    return isFolder ? url.appending(path: fileName) : url
  }

  /// The owner whom the first entry of a log names; `nil` if there is no such entry.
  static func owner(of file: URL) throws(ConsiliumError) -> Party? {
    var reader = try AuditReader(file)
    return try reader.next()?.entry.flatMap { AuditGenesis($0) }?.owner
  }

  /// The next finished line; `nil` at the end. A later call returns lines that have been written since.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public mutating func next() throws(ConsiliumError) -> Line? {
    guard let line = try lines.next() else { return nil }
    let content = line.bytes.flatMap(AuditEntryLine.decode)
    return Line(
      number: line.number, text: String(decoding: line.bytes ?? Data(), as: UTF8.self), entry: content?.entry,
      isIntact: content?.isIntact ?? false)
  }
}
