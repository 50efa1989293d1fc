import FederatedCore

extension Report {
  /// The content of `rounds.csv`: the values from training and validation, one per line, with round, arm and
  /// site.
  public var roundsTable: String {
    var table = CSVTable(["arm", "round", "site", "part", "quantity", "value"])
    for arm in results.arms {
      for round in arm.rounds {
        let place = { (site: SiteID?) in [arm.name, String(round.round), site?.rawValue ?? ""] }
        for training in round.training {
          let summary = training.summary
          let start = place(training.site) + ["training"]
          if let loss = summary.loss { table.append(start + ["loss", String(loss)]) }
          table.append(start + ["examples", String(summary.exampleCount)])
          table.append(start + ["steps", String(summary.stepCount)])
          table.append(start + ["seconds", String(summary.seconds)])
        }
        for result in round.validation {
          let start = place(result.site) + ["validation"]
          if let loss = result.evaluation.loss { table.append(start + ["loss", String(loss)]) }
          for metric in result.evaluation.metrics {
            table.append(start + [metric.name, String(metric.value)])
          }
        }
      }
    }
    return table.text
  }

  /// The content of `matrix.csv`: every model on every site's test data, with intervals.
  public var matrixTable: String {
    var table = CSVTable([
      "arm", "trained_on", "tested_on", "metric", "value", "low", "high", "count", "unit",
    ])
    for arm in results.arms {
      for model in arm.models {
        let tests =
          model.test.map { ($0.site.rawValue, $0.evaluation) } + (model.together.map { [("all", $0)] } ?? [])
        for (testedOn, evaluation) in tests {
          for metric in evaluation.metrics {
            let summary = SummaryEstimate(metric, confidence: results.study.confidence)
            table.append([
              arm.name, model.site?.rawValue ?? "all", testedOn, metric.name,
              String(metric.value),
              summary.low.map { String($0) } ?? "", summary.high.map { String($0) } ?? "",
              String(metric.patientCount), results.study.unit.plural,
            ])
          }
        }
      }
    }
    return table.text
  }

  /// The content of `gains.csv`: each arm's gains, and its margin over the best single site's model, in units
  /// of the metric. Each gain is also given as a share of the local models' value, if that value is well
  /// above zero.
  public var gainsTable: String {
    var table = CSVTable(["arm", "metric", "gain", "value", "low", "high"])
    for metric in results.study.metrics {
      let matrix = ResultMatrix(results, metric: metric)
      for arm in results.arms where arm.kind != .local {
        let gains = [
          ("over-local", matrix.gainOverLocal(of: arm.name)),
          ("generalisability", matrix.generalisabilityGain(of: arm.name)),
          ("lead-over-best-site", matrix.lead(of: arm.name)?.difference),
          ("over-local-relative", matrix.relativeGainOverLocal(of: arm.name)),
          ("generalisability-relative", matrix.relativeGeneralisabilityGain(of: arm.name)),
        ]
        for case (let name, let gain?) in gains {
          let ends = [gain.low, gain.high].map { $0.map { String($0) } ?? "" }
          table.append([arm.name, metric, name, String(gain.value)] + ends)
        }
      }
    }
    return table.text
  }
}

/// A table of comma-separated values according to RFC 4180, except that lines end with a line feed alone.
struct CSVTable {
  private(set) var text = ""

  init(_ head: [String]) { append(head) }

  mutating func append(_ fields: [String]) {
    text += fields.map(CSVCell.text).joined(separator: ",") + "\n"
  }
}
