import Foundation
import Synchronization

/// Shows a download as one line that is redrawn, on a terminal only.
final class DownloadDisplay: Sendable {
  private let console: Console
  private let name: String
  private let isQuiet: Bool
  private let lastDrawn = Mutex<ContinuousClock.Instant?>(nil)

  init(console: Console, name: String, isQuiet: Bool) {
    (self.console, self.name, self.isQuiet) = (console, name, isQuiet || console.terminal == nil)
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
    console.printError("stopping; what has arrived is kept, run the command again to go on")
  }

  static func line(name: String, _ transferred: Transferred) -> String {
    guard let total = transferred.total, total > 0 else { return "\(name)  \(ByteCount(transferred.bytes))" }
    let percent = Int(100 * Double(transferred.bytes) / Double(total))
    return "\(name)  \(percent) %  \(ByteCount(transferred.bytes)) of \(ByteCount(total))"
  }

  /// True at most ten times a second.
  private func isDue() -> Bool {
    lastDrawn.withLock { last in
      let now = ContinuousClock.now
      if let last, now - last < .milliseconds(100) { return false }
      last = now
      return true
    }
  }
}
