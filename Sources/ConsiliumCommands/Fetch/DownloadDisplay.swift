import Foundation
import Synchronization

/// Shows a download as one line that is redrawn; only on a terminal.
final class DownloadDisplay: Sendable {
  private let console: Console
  private let name: String
  private let isQuiet: Bool
  private let lastDrawn = Mutex<ContinuousClock.Instant?>(nil)

  init(console: Console, name: String, isQuiet: Bool) {
    self.console = console
    self.name = name
    self.isQuiet = isQuiet || console.terminal == nil
  }

  func show(_ transferred: Transferred) {
    guard !isQuiet, isDue() else { return }
    console.writeError("\r\u{1B}[K\(Self.line(name: name, transferred))")
  }

  func end() {
    if !isQuiet { console.writeError("\r\u{1B}[K") }
  }

  func announceStop() {
    end()
    console.printError("stopping; the partial download is kept. Run the command again to resume")
  }

  static func line(name: String, _ transferred: Transferred) -> String {
    guard let total = transferred.total, total > 0 else { return "\(name)  \(ByteCount(transferred.bytes))" }
    let percent = Int(100 * Double(transferred.bytes) / Double(total))
    return "\(name)  \(percent) %  \(ByteCount(transferred.bytes)) of \(ByteCount(total))"
  }

  /// Limits redrawing to ten times per second.
  private func isDue() -> Bool {
    lastDrawn.withLock { last in
      let now = ContinuousClock.now
      if let last, now - last < .milliseconds(100) { return false }
      last = now
      return true
    }
  }
}
