import FederatedCore
import Foundation

extension SwarmEntry {
  var message: Consilium_V1_Entry {
    .with {
      $0.key = key.description
      $0.value = Data(value)
      $0.revision = UInt64(revision)
    }
  }

  init(_ message: Consilium_V1_Entry) throws(ConsiliumError) {
    self.init(
      key: SwarmKey(message.key), value: Array(message.value), revision: try swarmRevision(message.revision))
  }
}

extension SwarmChange {
  var message: Consilium_V1_EntryChange {
    .with {
      switch self {
      case .created(let entry): $0.created = entry.message
      case .removed(let key, let revision):
        $0.removed = .with { ($0.key, $0.revision) = (key.description, UInt64(revision)) }
      }
    }
  }

  init(_ message: Consilium_V1_EntryChange) throws(ConsiliumError) {
    switch message.change {
    case .created(let entry): self = .created(try SwarmEntry(entry))
    case .removed(let removal):
      self = .removed(SwarmKey(removal.key), revision: try swarmRevision(removal.revision))
    case nil: throw messageFault("a change of an unknown kind")
    }
  }
}

extension SwarmCreation {
  var message: Consilium_V1_CreateEntryReply {
    .with {
      switch self {
      case .created(let entry): ($0.outcome, $0.entry) = (.created, entry.message)
      case .exists(let entry): ($0.outcome, $0.entry) = (.exists, entry.message)
      case .fenced: $0.outcome = .fenced
      }
    }
  }

  init(_ message: Consilium_V1_CreateEntryReply) throws(ConsiliumError) {
    switch message.outcome {
    case .created: self = .created(try SwarmEntry(message.entry))
    case .exists: self = .exists(try SwarmEntry(message.entry))
    case .fenced: self = .fenced
    default: throw messageFault("an unknown outcome of creating an entry")
    }
  }
}

/// Checks a revision received from a peer.
func swarmRevision(_ value: UInt64) throws(ConsiliumError) -> Int {
  guard value < 1 << 62 else { throw messageFault("revision \(value)") }
  return Int(value)
}
