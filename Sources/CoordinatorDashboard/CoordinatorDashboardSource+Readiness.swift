import CoordinatorService
import Dashboard
import FederatedCore
import FederatedRuntime
import Foundation
import Reporting

extension CoordinatorDashboardSource {
  /// The rehearsal results of each member; empty before any site has reported.
  func readiness(of study: ObservedStudy, _ run: WatchedRun) -> [ReadinessLine] {
    let reports = study.status.readiness
    guard !reports.isEmpty else { return [] }
    let first = reports.lazy.compactMap(\.initialModel?.digest).first
    return (study.plan?.members ?? reports.map(\.site)).map { site in
      guard let report = reports.first(where: { $0.site == site }) else {
        return ReadinessLine(site: site, checks: [])
      }
      let forecast = study.status.forecast.first { $0.site == site }
      return ReadinessLine(
        site: site,
        checks: ReadinessChecks(
          report, initialModel: first, forecast: forecast, unit: study.study.unit,
          hasValidationPart: study.study.hasValidationPart
        ).all,
        roundForecast: lastRounds(at: site, run.records[study.mainArm] ?? []) ?? forecast?.round)
    }
  }

  /// The mean training time of a site in the last three rounds, in seconds. `nil` before the first round; the
  /// page then shows the rehearsal's estimate.
  private func lastRounds(at site: SiteID, _ records: [RoundRecord]) -> Double? {
    let times = records.suffix(3).compactMap { record in
      record.contributions.first { $0.site == site }?.summary.seconds
    }
    return times.isEmpty ? nil : times.reduce(0, +) / Double(times.count)
  }
}

/// The parts of a site's report that the table's columns show.
struct ReadinessChecks {
  /// The tolerated clock skew in seconds. Certificates and the hours of a site's policy depend on the site's
  /// clock.
  private static let skewThatMatters = 60.0
  private static let diskThatIsLittle = 5_000_000_000

  private let report: SiteReadiness
  private let initialModel: String?
  private let forecast: SiteForecast?
  private let unit: UnitOfAnalysis
  private let hasValidationPart: Bool

  /// - Parameters:
  ///   - initialModel: The digest of the initial weights according to the first site.
  ///   - forecast: The site's results in the rehearsal; `nil` before it.
  ///   - unit: The study's unit of analysis.
  ///   - hasValidationPart: Whether the study sets validation data aside; only then does a site need some.
  init(
    _ report: SiteReadiness, initialModel: String?, forecast: SiteForecast?, unit: UnitOfAnalysis = .patient,
    hasValidationPart: Bool = true
  ) {
    self.unit = unit
    self.hasValidationPart = hasValidationPart
    self.report = report
    self.initialModel = initialModel
    self.forecast = forecast
  }

  var all: [ReadinessLine.Check] { [ready, data] + patients + [disk, memory, clock, link, start] }

  private var ready: ReadinessLine.Check {
    report.obstacles.isEmpty
      ? .init("Ready", .good, "yes") : .init("Ready", .bad, report.obstacles.joined(separator: "; "))
  }

  /// The check of the data against the common data elements.
  private var data: ReadinessLine.Check {
    guard let data = report.data else { return .init("Data", .bad, "not read") }
    let errors = data.findings.count { $0.severity == .error }
    let warnings = data.findings.count - errors
    if errors > 0 { return .init("Data", .bad, NumberText.count(errors, "error")) }
    return warnings > 0
      ? .init("Data", .warning, NumberText.count(warnings, "warning")) : .init("Data", .good, "as agreed")
  }

  private var patients: [ReadinessLine.Check] {
    guard let parts = report.data?.parts else { return [] }
    return DataPart.allCases.filter { $0 != .validation || hasValidationPart }.map { part in
      // The site's policy withholds small numbers.
      guard let count = parts.first(where: { $0.part == part })?.patients else {
        return .init(Self.title(part), .good, "few")
      }
      return .init(Self.title(part), count > 0 ? .good : .bad, NumberText.count(count, unit))
    }
  }

  private static func title(_ part: DataPart) -> String {
    switch part {
    case .training: "Training"
    case .validation: "Validation"
    case .test: "Test"
    }
  }

  private var disk: ReadinessLine.Check {
    .init(
      "Disk", report.freeDisk < Self.diskThatIsLittle ? .warning : .good, "\(Self.size(report.freeDisk)) free"
    )
  }

  private var memory: ReadinessLine.Check { .init("Memory", .good, Self.size(report.memory)) }

  private var clock: ReadinessLine.Check {
    let skew = report.clockSkew
    guard abs(skew) >= 1 else { return .init("Clock", .good, "exact") }
    return .init(
      "Clock", abs(skew) > Self.skewThatMatters ? .bad : .warning,
      "\(NumberText.duration(abs(skew))) \(skew > 0 ? "ahead" : "behind")")
  }

  /// The transfer of the model and its update in the rehearsal.
  private var link: ReadinessLine.Check {
    guard let forecast, let rate = forecast.rate else { return .init("Link", .good, "not timed yet") }
    return .init(
      "Link", .good, "\(Self.size(Int(rate)))/s, \(NumberText.duration(forecast.transfer)) per round")
  }

  /// The check that every site starts from the same weights.
  private var start: ReadinessLine.Check {
    guard let digest = report.initialModel?.digest else { return .init("Initial weights", .bad, "none") }
    return digest == initialModel
      ? .init("Initial weights", .good, "the same")
      : .init("Initial weights", .bad, "different from the others")
  }

  /// Formats a size in decimal units, as disks are sold: `41 GB`.
  private static func size(_ bytes: Int) -> String {
    let units = ["kB", "MB", "GB", "TB"]
    var value = Double(max(0, bytes)) / 1000
    var index = 0
    while value >= 999.5, index < units.count - 1 {
      value /= 1000
      index += 1
    }
    return "\(NumberText.fixed(value, digits: value < 9.95 ? 1 : 0))\u{A0}\(units[index])"
  }
}
