import FederatedCore
import Logging

/// Writes log events as lines for people: the message, its metadata in brackets, and the level only for
/// warnings and errors.
struct TextLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.notice
  let write: @Sendable (String) -> Void

  init(write: @escaping @Sendable (String) -> Void) { self.write = write }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let level =
      switch event.level {
      case .warning: "warning: "
      case .error, .critical: "error: "
      default: ""
      }
    // Leave out the metadata that the web server adds for log searches.
    let all = metadata.merging(event.metadata ?? [:]) { $1 }.filter { !$0.key.hasPrefix("hb.") }
      .sorted { $0.key < $1.key }
    let details = all.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    // Keep an event on one line, whatever its text contains.
    let line = level + event.message.description + (details.isEmpty ? "" : " (\(details))")
    write(line.onOneLine)
  }
}
