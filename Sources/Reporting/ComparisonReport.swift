import FederatedCore

/// A comparison of several runs, or of the arms of several runs.
public struct ComparisonReport: Sendable {
  /// A run and its label.
  public struct Entry: Sendable {
    public var label: String
    public var results: StudyResults

    public init(label: String, results: StudyResults) {
      self.label = label
      self.results = results
    }
  }

  /// An arm of a run.
  struct Line: Sendable {
    /// The label with the arm's name, for a terminal.
    var label: String
    /// The label with the arm's title, for a page.
    var title: String
    var arm: ArmResults
    var matrix: ResultMatrix
    var run: Int
  }

  let entries: [Entry]
  let metric: MetricStyle
  let lines: [Line]

  /// - Parameter metric: The metric to compare; by default, the first metric of the first run.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if there is no run, or if the results of a run do
  ///   not contain the metric.
  public init(_ entries: [Entry], metric name: String? = nil) throws(ConsiliumError) {
    guard let first = entries.first else {
      throw ConsiliumError(.invalidInput, "name at least one run to compare")
    }
    let metric = MetricStyle(name ?? first.results.study.metrics.first ?? "metric")
    for entry in entries where !entry.results.study.metrics.contains(metric.name) {
      let known = entry.results.study.metrics.joined(separator: ", ")
      throw ConsiliumError(
        .invalidInput,
        "run '\(entry.label)' has no results for '\(metric.name)', only for \(known). Compare runs that share a metric, or name one with --metric"
      )
    }
    self.entries = entries
    self.metric = metric
    lines = entries.enumerated().flatMap { index, entry in
      let matrix = ResultMatrix(entry.results, metric: metric.name)
      return entry.results.arms.filter { arm in arm.models.contains { !$0.test.isEmpty } }.map { arm in
        let run = entries.count == 1 ? "" : "\(entry.label): "
        return Line(label: run + arm.name, title: run + arm.title, arm: arm, matrix: matrix, run: index)
      }
    }
  }

  /// The arm with which all other arms are compared: the first federated arm or, if there is none, the first
  /// arm.
  var reference: Line? { lines.first { $0.arm.kind == .federated } ?? lines.first }

  /// The mean over sites of an arm's results, minus the same mean of the reference arm. The interval is from
  /// paired resamples.
  ///
  /// - Returns: `nil` for the reference itself, and if the runs differ in seed, sites, or numbers of test
  ///   patients or resamples: the two means would then be of different patients.
  func difference(of line: Line) -> SummaryEstimate? {
    guard let reference, line.label != reference.label, isPaired(line.run, reference.run) else { return nil }
    let isSameRun = line.run == reference.run
    let known = DerivedEstimate.Key(quantity: .difference, arm: line.arm.name, other: reference.arm.name)
    return (isSameRun ? line.matrix.known(known) : nil)
      ?? line.matrix.difference(of: line.arm.name, from: reference.arm.name, in: reference.matrix)
  }

  private func isPaired(_ run: Int, _ other: Int) -> Bool {
    let (one, two) = (entries[run].results, entries[other].results)
    guard run != other else { return true }
    func testParts(_ results: StudyResults) -> [SiteSummary.Part] {
      results.sites.flatMap(\.parts).filter { $0.part == .test }
    }
    return one.environment.seed == two.environment.seed && one.sites.map(\.site) == two.sites.map(\.site)
      && testParts(one) == testParts(two)
  }

  /// The unit of analysis of the first run.
  var unit: UnitOfAnalysis { entries.first?.results.study.unit ?? .patient }

  /// Cautions to read before comparing; empty if the runs are comparable.
  var cautions: [String] {
    guard let first = entries.first?.results else { return [] }
    var cautions: [String] = []
    let others = entries.dropFirst().map(\.results)
    if others.contains(where: { $0.sites.map(\.site) != first.sites.map(\.site) }) {
      cautions.append("The runs have different sites, so their means are not over the same \(unit.plural).")
    } else if entries.indices.contains(where: { !isPaired($0, 0) }) {
      cautions.append("The runs differ in seed or split, so their test \(unit.plural) are not the same.")
    }
    for entry in entries {
      guard case .partial(let missing, _) = entry.results.status else { continue }
      let names =
        missing.isEmpty
        ? "sites that the study requires" : Prose.list(missing.map { entry.results.titleWithCode(of: $0) })
      cautions.append("Run '\(entry.label)' is partial: it lacks \(names).")
    }
    return cautions
  }

  /// Formats a table for a terminal, at most `width` characters wide.
  public func text(width: Int = 100) -> String {
    let grid = TextGrid(
      corner: "arm",
      columns: ["mean (interval)", "difference", "over local", "other sites", "steps", "time"],
      rows: lines.map { line in (ResultsText.clipped(line.label, 30), cells(line)) })
    let parts = grid.fitted(to: width).map { $0.lines.joined(separator: "\n") }
    let head =
      "\(metric.titleWithUnit), mean over sites, \(metric.higherIsBetter ? "higher" : "lower") is better"
    let note = reference.map {
      "difference: from \($0.label), on the same \(unit.plural); differences and gains in \(metric.differenceUnitExplained)"
    }
    return ([head, ""] + parts + [""] + [note].compactMap(\.self) + cautions).joined(separator: "\n") + "\n"
  }

  private func cells(_ line: Line) -> [String] {
    let isLocal = line.arm.kind == .local
    return [
      line.matrix.mean(ofArm: line.arm.name).map { metric.text($0) } ?? "–",
      difference(of: line).map { metric.differenceNumber($0.value) } ?? "–",
      (isLocal ? nil : line.matrix.gainOverLocal(of: line.arm.name)).map { metric.differenceNumber($0.value) }
        ?? "–",
      (isLocal ? nil : line.matrix.generalisabilityGain(of: line.arm.name)).map {
        metric.differenceNumber($0.value)
      } ?? "–",
      NumberText.grouped(line.arm.stepCount), NumberText.duration(line.arm.seconds),
    ]
  }
}
