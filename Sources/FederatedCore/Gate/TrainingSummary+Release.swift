extension TrainingSummary: Releasable {
  /// The summary that may leave the site. It keeps the number of examples, since this is the update's weight.
  /// A site with too few patients does not train at all.
  public func released(by rules: ReleaseRules) -> TrainingSummary {
    var released = self
    released.loss = rules.ownFigures ? rules.release(loss, of: patients?.trained) : nil
    return released
  }

  public func withoutPatients() -> TrainingSummary {
    var summary = self
    summary.patients = nil
    return summary
  }

  public func inRehearsal() -> TrainingSummary {
    var summary = self
    (summary.loss, summary.weightedCount) = (nil, nil)
    return summary
  }
}

extension SiteUpdate {
  /// Replaces a weight that is computed from the classes of patients by the number of examples.
  mutating func blankWeight() {
    guard summary.weightedCount != nil else { return }
    update.weight = Double(max(1, summary.exampleCount))
  }
}

extension ReleaseRules {
  /// Refuses an update that was trained on too few patients, or whose weight would reveal that a class has
  /// few patients.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate`.
  func check<Payload>(_ update: SiteUpdate<Payload>) throws(ConsiliumError) {
    let (site, round) = (update.update.site, update.update.round)
    guard let patients = update.summary.patients else {
      throw ConsiliumError(
        .invalidUpdate,
        "the engine of site '\(site)' does not report which patients are behind its update of round \(round), so the site's "
          + "policy cannot be applied; the update was not sent")
    }
    guard release(update.summary.stepCount, of: patients.trained) != nil else {
      throw ConsiliumError(
        .invalidUpdate,
        "the update of site '\(site)' in round \(round) is based on fewer than \(minimumPatients) patients, the minimum of "
          + "its policy; it was not sent. Train on more examples per round (training.local-epochs, local-steps, local-fraction or batch-size)"
      )
    }
    guard
      update.summary.weightedCount == nil || patients.classes.allSatisfy({ release($0.count, of: $0) != nil })
    else {
      throw ConsiliumError(
        .invalidUpdate,
        "the weight of the update of site '\(site)' would reveal that a class has fewer than \(minimumPatients) patients, "
          + "the minimum of its policy; it was not sent. Use federation.weighting samples or equal")
    }
  }
}
