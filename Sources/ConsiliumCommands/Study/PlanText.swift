import FederatedCore
import Foundation
import StudyProtocol
import StudyRuns

/// The text of `consilium study plan`: a table with one way to train per row, and who sees what in each.
struct PlanText {
  let text: String

  init(
    _ ways: [WayForecast], study: Study, sizes: ModelSizes, largest: StudyPlanCommand.SiteExamples?,
    link: String
  ) {
    let model = ByteCount(4 * sizes.parameters)
    let table = AlignedTable.align(
      [["way", "cut", "bytes", "time", "memory"]] + ways.map(Self.row))
    let site = largest.map { "site \($0.site), which has the most training examples (\($0.count))" }
    text = """
      The model has \(sizes.parameters) parameters (\(model)). A step with a batch of \(study.training.batchSize) takes \
      \(Self.duration(sizes.stepSeconds)) on this machine. Rounds: \(study.federation.rounds).
      Link of each site: \(link) (assumed; change it with --upload, --download and --latency).

      \(table)

      Some ways give the same model: \(Self.equalities(ways)). Choose by trust, bytes and machines.
      bytes: sent and received in the whole study by \(site ?? "a site"). time: all rounds, training and transfer one after the other.
      memory: weights, gradients and the optimizer's state at a site; activations come on top.

      Who sees what
      \(Self.exposures(ways).map { "  \($0)" }.joined(separator: "\n"))
      """
  }

  private static func row(_ way: WayForecast) -> [String] {
    [
      way.arm, way.cut ?? "–", "\(ByteCount(Int(way.bytes)))", duration(way.seconds),
      "\(ByteCount(Int(way.siteMemory)))",
    ]
  }

  /// A duration in the unit that suits it: `12 ms`, `3.4 s`, `5 min`, `2.5 h`.
  private static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<1: String(format: "%.0f ms", seconds * 1000)
    case ..<90: String(format: "%.1f s", seconds)
    case ..<5400: String(format: "%.0f min", seconds / 60)
    default: String(format: "%.1f h", seconds / 3600)
    }
  }

  /// The arms that give the same model, such as `fedavg = swarm = splitfed`.
  private static func equalities(_ ways: [WayForecast]) -> String {
    let names = ways.map(\.arm).reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
    let ring = names.lastIndex { $0 == "split" }.map { $0 - 1 } ?? names.count - 1
    return [names[..<ring], names[ring...]].map { $0.joined(separator: " = ") }.joined(separator: ", and ")
  }

  /// Who sees what, one line per arm; for split models, the line of the first cut stands for all.
  private static func exposures(_ ways: [WayForecast]) -> [String] {
    var seen: Set<String> = []
    return ways.filter { seen.insert($0.arm).inserted }.map { way in
      let text = way.cut.map { way.exposure.replacing("at '\($0)'", with: "at the cut") } ?? way.exposure
      return "\(way.arm): \(text)"
    }
  }
}
