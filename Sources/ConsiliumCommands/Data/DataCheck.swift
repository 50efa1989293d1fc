import ArgumentParser
import FederatedCore
import Foundation
import StudyProtocol
import StudyRuns
import WorkerProtocol

struct DataCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check sites' data against the study's common data elements.",
    discussion: """
      Reads every table, image and mask, and takes one training step of the agreed model on a batch of each site's data, as a \
      run does before it trains. Reports the elements, the rules that they break and the number of records, never a patient's value. \
      Ends with status 2 if a site cannot train.
      """)

  @OptionGroup var input: StudyInput

  @OptionGroup var engine: EngineInput

  @Option(help: ArgumentHelp("Check one site only.", valueName: "name"))
  var site: String?

  @Flag(help: "Show the values that cause the findings; for this terminal only.")
  var showValues = false

  @Flag(help: "Print one JSON object per line.")
  var json = false

  func run() async throws {
    let console = Console.current
    let input = try input.resolve(environment: console.environment)
    let sites = try input.sites(named: site)
    let shared = SharedIdentifiers(of: input.sites, study: input.study, dataRoot: input.dataRoot)
    let checks = try await engine.withEngine { engine in
      var checks: [SiteCheckOutput] = []
      for site in sites {
        var session = try await engine.check(try input.session(of: site, showsValues: showValues))
        session.findings += shared.findings(of: site.name).map(DataFinding.init)
        let check = SiteCheckOutput(site: site.name, session)
        checks.append(check)
        // Print findings of several sites after all of them, so that equal findings appear only once.
        console.print(json ? JSONLine.encode(check) : sites.count > 1 ? check.summary : check.text)
      }
      return checks
    }
    printTotals(of: checks, study: input.study, to: console)
    let failed = checks.filter { !$0.isPassed }.map(\.site)
    guard failed.isEmpty else {
      let names = failed.map(\.rawValue).joined(separator: ", ")
      throw ConsiliumError(.invalidInput, "these sites cannot train with the study: \(names)")
    }
  }

  /// Prints the lines that follow the checks of all sites: their findings, totals and cautions.
  private func printTotals(of checks: [SiteCheckOutput], study: Study, to console: Console) {
    let sites = checks.compactMap { check in check.facts.map { (site: check.site, facts: $0) } }
    let facts = sites.map(\.facts)
    if !json, checks.count > 1 {
      for line in FindingsBySite(checks.flatMap(\.findings)).lines { console.print(line) }
    }
    if !json, facts.count > 1, facts.contains(where: { $0.leftOut > 0 }) {
      console.print("all sites: \(SiteFactsText.total(of: facts))")
    }
    let comparison = SiteComparison(study, sites)
    for caution in study.cautions(for: checks.flatMap { $0.counts(study) }) + comparison.cautions {
      console.print(json ? JSONLine.encode(CautionLine(caution)) : "caution: \(caution.message)".onOneLine)
    }
  }
}

/// A caution that `data check` prints: a set is too small for the study, or the data of sites differ.
struct CautionLine: Encodable {
  var event = "caution"
  var caution: Caution

  init(_ caution: Caution) { self.caution = caution }
}

/// The output of `data check` for a site.
struct SiteCheckOutput: Encodable {
  var event = "site-checked"
  var site: SiteID
  var isPassed: Bool
  /// The unit of the counts.
  var unit: UnitOfAnalysis
  var parts: [SessionDescription.Part]
  var findings: [DataFinding]
  /// The facts about the data, shown on this terminal only.
  var facts: SiteFacts?

  init(site: SiteID, _ session: SessionDescription) {
    self.site = site
    parts = session.parts
    findings = session.findings
    facts = session.facts
    unit = session.unit
    isPassed = !session.findings.contains { $0.severity == .error }
  }

  /// The number of patients in each set. If no record has a certain class, the entry of the training set also
  /// contains the number of records of each class.
  ///
  /// The facts state the numbers for all sets together, so only a class that is missing from every set is
  /// noticed here.
  func counts(_ study: Study) -> [PartCount] {
    let target = facts?.elements.first { $0.name == study.element(.target)?.name }
    let classes = target?.classes.map(\.records) ?? []
    return parts.map { part in
      PartCount(
        site: site, part: part.part, units: part.patients,
        classes: part.part == .training && classes.contains(0) ? classes : nil)
    }
  }

  /// The summary and the findings.
  var text: String { ([summary] + findings.map { "  " + NewsLine.line(of: $0) }).joined(separator: "\n") }

  /// The verdict, the size of each set, and the facts.
  var summary: String {
    // If each patient has one example, as in a table, print the number only once.
    let isAlike = parts.allSatisfy { $0.patients == $0.examples }
    let counts = parts.map { part in
      let examples = isAlike ? "" : " (\(part.examples) example\(part.examples == 1 ? "" : "s"))"
      return "\(part.part.rawValue) \(part.patients)\(examples)"
    }
    let verdict = isPassed ? "passed" : "FAILED"
    let held = parts.isEmpty ? "no record is usable" : "\(unit.plural) in " + counts.joined(separator: ", ")
    let head = "site \(site): \(verdict); \(held)".onOneLine
    let details = facts.map { SiteFactsText($0).lines } ?? []
    return ([head] + details.map { "  " + $0 }).joined(separator: "\n")
  }
}

extension StudyInput.Resolved {
  /// All sites, or only the one with this name.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if there is no such site.
  func sites(named name: String?) throws -> [SiteDefinition] {
    guard let name else { return sites }
    let found = sites.filter { $0.name.rawValue == name }
    guard !found.isEmpty else {
      let known = sites.map(\.name.rawValue).joined(separator: ", ")
      throw ConsiliumError(.invalidInput, "there is no site '\(name)'; the site file has \(known)")
    }
    return found
  }

  func session(of site: SiteDefinition, showsValues: Bool = false) throws -> OpenSession {
    OpenSession(
      session: site.name.rawValue, study: try study.canonicalJSON(), sites: [try site.canonicalJSON()],
      dataRoot: dataRoot.path, seed: study.header.seed, cacheBytes: 0,
      showsValues: showsValues, showsFacts: true)
  }
}
