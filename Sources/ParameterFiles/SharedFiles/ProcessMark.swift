import Foundation
import Synchronization

/// A mark that makes this process's temporary file names unique, even across restarts.
///
/// The process ID would not: in a container it is always 1, and after a restart of the machine IDs are used
/// again.
package enum ProcessMark {
  package static let text: String = {
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    return "\(getpid())-\(random)"
  }()

  private static let count = Atomic(0)

  /// A file name that begins with `prefix` and is unique among all processes.
  package static func newName(_ prefix: String) -> String {
    "\(prefix)\(text)-\(count.wrappingAdd(1, ordering: .relaxed).newValue)"
  }

  /// Whether a different process created this name with ``newName(_:)`` and this prefix.
  package static func isOfAnother(_ name: some StringProtocol, _ prefix: String) -> Bool {
    name.hasPrefix(prefix) && !name.hasPrefix("\(prefix)\(text)-")
  }
}
