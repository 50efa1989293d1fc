import Foundation
import Logging

/// Writes each log event as one line of JSON, for machines to collect.
///
/// `{"time":"2026-03-02T14:07:31.052Z","level":"info","logger":"dashboard","message":"request","path":"/","status":"200"}`
///
/// Metadata come after the four fixed keys and cannot replace them. Control characters are escaped, so that
/// no text from outside can begin a new line.
public struct JSONLogHandler: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?
  public var logLevel: Logger.Level
  private let label: String
  private let write: @Sendable (String) -> Void
  private let now: @Sendable () -> Date

  /// - Parameters:
  ///   - label: the logger's name.
  ///   - write: receives each line, with its line feed; called from several tasks at once. Writes to standard
  ///     error by default.
  public init(
    label: String, level: Logger.Level = .info, now: @escaping @Sendable () -> Date = { Date() },
    write: @escaping @Sendable (String) -> Void = JSONLogHandler.writeToStandardError
  ) {
    self.label = label
    logLevel = level
    self.now = now
    self.write = write
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var line = LogLine()
    line.add("time", string: now().formatted(Self.time))
    line.add("level", string: event.level.rawValue)
    line.add("logger", string: label)
    line.add("message", string: event.message.description)
    let provided = metadataProvider?.get() ?? [:]
    let all = metadata.merging(provided) { $1 }.merging(event.metadata ?? [:]) { $1 }
    for (key, value) in all.sorted(by: { $0.key < $1.key }) { line.add(key, value) }
    write(line.text)
  }

  /// Makes one `write` call per line, so that lines of several tasks do not mix.
  public static let writeToStandardError: @Sendable (String) -> Void = { line in
    try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
  }

  private static let time = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
