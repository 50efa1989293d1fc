import ArgumentParser
import CoordinatorDashboard
import CoordinatorService
import Dashboard
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import Reporting

struct StudyStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show the state of the coordinator's studies and sites.")

  @Argument(help: ArgumentHelp("The study's ID. (default: all)", valueName: "id"))
  var id: String?

  @OptionGroup var party: PartyInput

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let console = Console.current
    let id = id
    let data = try await party.withLink { link, _ in try await AdministrationClient(link).status(of: id) }
    guard !json else { return console.print(String(decoding: data, as: UTF8.self).withJSONEscapes) }
    let status: CoordinatorStatus = try WireJSON.decode(data, "the coordinator's status")
    console.print(status.text)
  }
}

extension CoordinatorStatus {
  /// The status as text for a terminal.
  var text: String {
    var blocks = studies.map { $0.text() }
    let rows = sites.map { site in
      [
        "site \(site.site)".onOneLine, site.shownLink.title,
        site.lastSeen.map { "last seen \($0.formatted(.iso8601))" } ?? "",
        abs(site.clockSkew) > 5 ? "clock off by \(NumberText.duration(abs(site.clockSkew)))" : "",
      ]
    }
    if !rows.isEmpty { blocks.append(AlignedTable.align(rows)) }
    return blocks.isEmpty ? "no studies and no sites yet" : blocks.joined(separator: "\n\n")
  }
}

extension StudyStatus {
  func text(now: Date = Date()) -> String {
    let why = reason.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .joined(separator: " ")
    var lines = ["\(id): \(headline)\(why.isEmpty ? "" : ": \(why)")", "  \(title)"]
    if !decisions.isEmpty { lines.append("  " + answers) }
    if let attempt, attempt > 1 {
      lines.append("  attempt \(attempt): the coordinator has lost rounds and asks their questions again")
    }
    lines += late.map { "  " + WaitingSite($0).sentence(now: now) }
    for report in readiness where !report.obstacles.isEmpty {
      lines.append("  site \(report.site) is not ready: \(report.obstacles.joined(separator: "; "))")
    }
    for report in readiness where report.isReady { lines.append("  " + report.text) }
    if let slowest = forecast.max(by: { $0.round < $1.round }) {
      let seconds = String(format: "%.1f", slowest.round)
      lines.append("  estimated round time \(seconds) s; slowest site: \(slowest.site)")
      let links = forecast.compactMap { site in
        site.rate.map { "\(site.site) \(ByteCount(Int($0)))/s (\(NumberText.duration(site.transfer)))" }
      }
      lines.append(
        "  link speed, and time to transfer the model and its update: " + links.joined(separator: ", "))
    }
    for arm in arms {
      let score = arm.score.map { "  validation " + String(format: "%.4f", $0) } ?? ""
      lines.append(
        "  \(ArmTitle.text(arm.name)): round \(arm.round)/\(arm.rounds)\(score)\(arm.hasEnded ? "  done" : "")"
      )
      for work in arm.sites {
        let steps = work.steps > 0 ? "  step \(work.step)/\(work.steps)" : ""
        lines.append("    \(work.site): \(work.stage.rawValue)\(steps)")
      }
    }
    return lines.map(\.onOneLine).joined(separator: "\n")
  }

  /// The sites that have signed, declined or not answered.
  private var answers: String {
    decisions.map { decision in
      let need = decision.isRequired ? "" : " (optional)"
      return "\(decision.site)\(need) \(decision.verdict ?? "has not answered")"
        + (decision.reason.map { " (\($0))" } ?? "")
    }.joined(separator: ", ")
  }

  /// The state as on the overview page, such as `Running, 3 of 12 rounds`.
  private var headline: String {
    let rounds = (rounds ?? 0) > 0 && (round ?? 0) > 0 ? ", \(round ?? 0) of \(rounds ?? 0) rounds" : ""
    let end = expectedEnd.map { ", expected end \(TimeText.text($0)) UTC" } ?? ""
    return shownState.title + rounds + end
  }
}

extension SiteReadiness {
  /// The site's line in the readiness table.
  fileprivate var text: String {
    let parts = data?.parts.map { "\($0.part.rawValue) \($0.patients)" }.joined(separator: ", ") ?? ""
    return
      "site \(site): ready; \(parts); disk \(freeDisk >> 30) GiB free; memory \(memory >> 30) GiB"
      + (abs(clockSkew) > 5 ? "; clock off by \(NumberText.duration(abs(clockSkew)))" : "")
  }
}
