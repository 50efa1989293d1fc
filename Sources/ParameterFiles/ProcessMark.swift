import Foundation

/// A mark that makes this process's temporary file names unique, even across restarts.
///
/// The process ID would not: in a container it is always 1, and after a restart of the machine IDs are used
/// again.
package enum ProcessMark {
  package static let text: String = {
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    return "\(getpid())-\(random)"
  }()
}
