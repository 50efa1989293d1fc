import ArgumentParser
import CoordinatorService
import FederatedCore
import FederatedTransport
import Foundation
import StudyAgreement
import Synchronization

struct StudyWatch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Follow a study until it ends.",
    discussion:
      "Ends with status 0 if the study finished, 3 if it lacks something that it requires, 1 if it was aborted."
  )

  @Argument(help: ArgumentHelp("The study's ID.", valueName: "id"))
  var id: String

  @OptionGroup var party: PartyInput

  @Flag(help: "Print each event as one JSON object per line.")
  var json = false

  func run() async throws {
    let console = Console.current
    let (id, json) = (id, json)
    let address = try party.address()
    let identity = try party.loadIdentity()
    let ending = try await stoppable(announce: {}) {
      // Keep waiting if the coordinator is unreachable for a while or restarts.
      try await NetworkLink.with(address, identity: identity) { link in
        try await Self.follow(id, AdministrationClient(link), json: json, console)
      }
    }
    switch ending.state {
    case .finished: if !json { console.print("\(id): finished") }
    case .failed: throw ConsiliumError(.partial, "study \(id) failed: \(ending.reason.onOneLine)")
    default:
      throw ConsiliumError(
        .unavailable, "study \(id) was \(ending.state.rawValue): \(ending.reason.onOneLine)")
    }
  }

  private struct State: Decodable, Equatable {
    var state: StudyState
    var reason: String
  }

  private static func follow(
    _ id: String, _ client: AdministrationClient, json: Bool, _ console: Console
  ) async throws -> State {
    let known = Mutex<State?>(nil)
    try await client.watch(id) { event in
      let state = try? JSONDecoder().decode(State.self, from: event)
      let hasEnded = state?.state.hasEnded ?? false
      // Print a known state only once: the coordinator sends it again after every interruption.
      let isKnown = known.withLock { known in
        guard let state else { return false }
        defer { known = state }
        return known == state
      }
      if json {
        console.print(String(decoding: event, as: UTF8.self).withJSONEscapes.onOneLine)
      } else if !isKnown, !hasEnded, let line = WatchLine(event)?.text {
        console.print(line.onOneLine)
      }
      return !hasEnded
    }
    guard let ending = known.withLock(\.self) else { throw CancellationError() }
    return ending
  }
}

/// The parts of an event that `study watch` prints.
private struct WatchLine: Decodable {
  struct Record: Decodable {
    struct Selection: Decodable { var score: Double? }
    struct Contribution: Decodable { var site: String }
    var arm: String
    var round: Int
    var contributions: [Contribution]
    var dropped: [Contribution]
    var selection: Selection
    var seconds: Double
  }

  var event: String
  var state: String?
  var reason: String?
  var record: Record?

  init?(_ data: Data) {
    guard let line = try? JSONDecoder().decode(Self.self, from: data) else { return nil }
    self = line
  }

  var text: String? {
    if let record {
      let score = record.selection.score.map { "  validation " + String(format: "%.4f", $0) } ?? ""
      let dropped =
        record.dropped.isEmpty ? "" : "  without \(record.dropped.map(\.site).joined(separator: ", "))"
      return "\(record.arm): round \(record.round)\(score)  "
        + record.contributions.map(\.site).joined(separator: ", ") + dropped
        + String(format: "  %.1f s", record.seconds)
    }
    guard event == "study-state", let state else { return nil }
    return "study is \(state)" + (reason.map { $0.isEmpty ? "" : ": \($0)" } ?? "")
  }
}
