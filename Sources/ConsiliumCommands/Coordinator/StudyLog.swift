import CoordinatorDashboard
import CoordinatorService
import Credentials
import Foundation
import Logging
import ServiceLifecycle

/// Logs events of studies and connections for a coordinator.
struct StudyLog: Service {
  let service: CoordinatorService
  let board: CoordinatorDashboardSource
  let logger: Logger

  func run() async throws {
    let events = try await service.events(of: nil)
    await withTaskGroup { group in
      group.addTask {
        for await event in events.cancelOnGracefulShutdown() { StudyLogLine(event)?.log(to: logger) }
      }
      group.addTask {
        var known: Set<Party> = []
        for await _ in board.arrivals.sends.cancelOnGracefulShutdown() {
          let parties = board.network.parties()
          for party in parties.subtracting(known) { log("connected", party) }
          for party in known.subtracting(parties) { log("disconnected", party) }
          known = parties
        }
      }
    }
  }

  private func log(_ message: Logger.Message, _ party: Party) {
    logger.info(message, metadata: ["party": .string(party.description)])
  }
}

/// The parts of an event that are logged: counts, digests, states and reasons.
struct StudyLogLine: Decodable {
  private struct Record: Decodable {
    struct Site: Decodable { var site: String }
    var arm: String
    var round: Int
    var contributions: [Site]
    var dropped: [Site]
    var modelDigest: String
    var seconds: Double
  }

  private var event: String
  private var study: String?
  private var arm: String?
  private var round: Int?
  private var rounds: Int?
  private var site: String?
  private var state: String?
  private var reason: String?
  private var modelDigest: String?
  private var record: Record?

  /// Returns `nil` for events that matter only while they happen, such as the steps of a round.
  init?(_ event: Data) {
    guard let line = try? JSONDecoder().decode(Self.self, from: event),
      ["study-state", "arm-started", "site-dropped", "round-committed", "arm-finished"].contains(line.event)
    else { return nil }
    self = line
  }

  func log(to logger: Logger) {
    logger.log(level: level, "\(event.replacing("-", with: " "))", metadata: metadata)
  }

  var level: Logger.Level {
    switch event {
    case "site-dropped": .warning
    case "study-state": state == "failed" ? .error : .notice
    case "round-committed": .notice
    default: .info
    }
  }

  var metadata: Logger.Metadata {
    var values: Logger.Metadata = [:]
    func add(_ name: String, _ text: String?) {
      if let text, !text.isEmpty { values[name] = .string(text) }
    }
    func add(_ name: String, _ number: Int?) { if let number { values[name] = .stringConvertible(number) } }
    add("study", study)
    add("arm", arm ?? record?.arm)
    add("round", round ?? record?.round)
    add("rounds", rounds)
    add("site", site)
    add("state", state)
    add("reason", reason)
    add("model", modelDigest ?? record?.modelDigest)
    if let record {
      add("sites", record.contributions.map(\.site).joined(separator: ", "))
      add("dropped", record.dropped.map(\.site).joined(separator: ", "))
      add("seconds", String(format: "%.3f", record.seconds))
    }
    return values
  }
}
