import Foundation
import Synchronization

@testable import ConsiliumCommands

/// The output and exit status of a command.
struct Printed {
  var status: Int32
  var out: String
  var err: String
}

/// Runs one command in this process.
func consilium(_ arguments: String..., environment: [String: String] = [:]) async -> Printed {
  await consilium(arguments, environment: environment)
}

/// Runs one command in this process.
func consilium(_ arguments: [String], environment: [String: String] = [:]) async -> Printed {
  let out = Collected()
  let err = Collected()
  let console = Console(write: out.append, writeError: err.append, environment: environment)
  let status = await Console.$current.withValue(console) { await Program.run(arguments) }
  return Printed(status: status, out: out.text, err: err.text)
}

/// Text that several tasks write to.
final class Collected: Sendable {
  private let state = Mutex("")
  var text: String { state.withLock { $0 } }
  @Sendable func append(_ text: String) { state.withLock { $0 += text } }
}
