import Foundation

/// What tells the temporary files of this process from those of every other, also of one before it in the same folder.
///
/// Its number does not: in a container each start has the number 1, and after a restart of the machine numbers come again.
package enum ProcessMark {
  package static let text: String = {
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    return "\(getpid())-\(random)"
  }()
}
