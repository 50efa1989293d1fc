import FederatedCore
import Reporting
import RunStore

extension StudyResults {
  /// The results with the bootstrap replicates that the run folder stores. `report.json` does not hold them;
  /// comparing models of different runs on the same patients needs them.
  ///
  /// Results of models that the folder does not know, or whose site sent no replicates, stay unchanged.
  public func withStoredReplicates(of run: RunReader) throws -> StudyResults {
    var stored: [String: [SiteID: SiteEvaluation]] = [:]
    for model in arms.flatMap(\.models) where stored[model.digest] == nil {
      stored[model.digest] = try run.evaluations(ofModel: model.digest)
    }
    var results = self
    for arm in arms.indices {
      for (place, model) in arms[arm].models.enumerated() {
        let known = stored[model.digest] ?? [:]
        for test in model.test.indices {
          results.arms[arm].models[place].test[test].evaluation.takeReplicates(
            of: known[model.test[test].site])
        }
        results.arms[arm].models[place].together?.takeReplicates(of: known[SiteID(ArmPlan.pooledName)])
      }
    }
    return results
  }
}

extension SiteEvaluation {
  fileprivate mutating func takeReplicates(of stored: SiteEvaluation?) {
    for index in metrics.indices {
      guard let own = stored?[metrics[index].name], own.value == metrics[index].value,
        !own.replicates.isEmpty
      else { continue }
      metrics[index] = own
    }
  }
}
