import FederatedCore
import Foundation
import ParameterFiles

/// The result files of a run.
public struct Report: Sendable {
  /// The files that ``write(to:)`` writes to the folder itself, next to `figures`.
  public static let fileNames = ["report.html", "report.json", "rounds.csv", "matrix.csv", "gains.csv"]

  public let results: StudyResults

  public init(_ results: StudyResults) { self.results = results }

  /// The self-contained page.
  public var html: String { ReportPage(results).render() }

  /// All contents of the page, as JSON with sorted keys. Bootstrap replicates are left out, since they can be
  /// solved for the value of each patient.
  public var json: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
      let json = String(decoding: try encoder.encode(ReportDocument(results)), as: UTF8.self)
      return Data(json.withJSONEscapes.utf8)
    }
  }

  /// Reads the output of ``json``.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the text is not such a report or has a
  ///   different version.
  public init(json: Data) throws {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    do {
      let document = try decoder.decode(ReportDocument.self, from: json)
      guard document.format == ReportDocument.currentFormat else {
        throw ConsiliumError(
          .invalidInput,
          "this report.json has format \(document.format); expected \(ReportDocument.currentFormat). Create it again with this version's `consilium report`"
        )
      }
      results = document.results
    } catch let error as DecodingError {
      throw ConsiliumError(.invalidInput, "this is not the report.json of a run", cause: error)
    }
  }

  /// The figures of the results as SVG files, by name.
  public var figures: [(name: String, svg: String)] {
    let page = ReportPage(results)
    let sites = page.siteFigures.enumerated().map { ("sites-\($0 + 1)", $1) }
    let others = [("gains", page.gainFigure), ("matrix", page.matrixFigure)]
    return sites.map { ("\($0).svg", $1.file) }
      + others.compactMap { name, figure in figure.map { ("\(name).svg", $0.file) } }
  }

  /// Writes `report.html`, `report.json`, `rounds.csv`, `matrix.csv`, `gains.csv` and `figures/*.svg`, each
  /// atomically.
  ///
  /// - Returns: The place of `report.html`.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  @discardableResult
  public func write(to folder: URL) throws -> URL {
    let page = folder.appendingPathComponent("report.html")
    let files: [(String, Data)] =
      [
        ("report.json", try json), ("rounds.csv", Data(roundsTable.utf8)),
        ("matrix.csv", Data(matrixTable.utf8)), ("gains.csv", Data(gainsTable.utf8)),
      ] + figures.map { ("figures/\($0.name)", Data($0.svg.utf8)) } + [("report.html", Data(html.utf8))]
    try Self.storing(folder) { try OwnerOnly.createFolder(folder.appendingPathComponent("figures")) }
    for (name, data) in files {
      let file = folder.appendingPathComponent(name)
      try Self.storing(file) { try AtomicFile.write(data, to: file) }
    }
    return page
  }

  private static func storing(_ file: URL, _ write: () throws -> Void) throws {
    do { try write() } catch {
      throw ConsiliumError(
        .storage,
        "cannot write \(file.path): check that the folder exists, that it is writable and that the disk is not full",
        cause: error)
    }
  }
}

/// The content of `report.json`: the results and the summaries computed from them.
struct ReportDocument: Codable {
  static let currentFormat = 1

  struct Summary: Codable {
    var metric: String
    var arm: String
    /// The mean over sites, each with equal weight.
    var mean: SummaryEstimate?
    /// The gain over local training in units of the metric. A positive gain means that the arm is better.
    var gainOverLocal: SummaryEstimate?
    var generalisabilityGain: SummaryEstimate?
    /// The gain as a share of the local models' value; absent unless that value is well above zero.
    var relativeGainOverLocal: SummaryEstimate?
    var relativeGeneralisabilityGain: SummaryEstimate?

    init(_ arm: ArmResults, metric: String, in matrix: ResultMatrix) {
      self.metric = metric
      self.arm = arm.name
      mean = matrix.mean(ofArm: arm.name)
      guard arm.kind != .local else { return }
      gainOverLocal = matrix.gainOverLocal(of: arm.name)
      generalisabilityGain = matrix.generalisabilityGain(of: arm.name)
      relativeGainOverLocal = matrix.relativeGainOverLocal(of: arm.name)
      relativeGeneralisabilityGain = matrix.relativeGeneralisabilityGain(of: arm.name)
    }
  }

  var format: Int
  var results: StudyResults
  var summaries: [Summary]

  init(_ results: StudyResults) {
    format = Self.currentFormat
    self.results = results.withoutReplicates()
    summaries = results.study.metrics.flatMap { metric in
      let matrix = ResultMatrix(results, metric: metric)
      return results.arms.map { Summary($0, metric: metric, in: matrix) }
    }
  }
}
