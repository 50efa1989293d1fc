import FederatedCore

extension Study {
  /// The unit that the study counts, tests and resamples. It is named after the group element (patients,
  /// lesions) or, if the study has no group element, after the kind of record.
  public var unit: UnitOfAnalysis {
    if let group = element(.group) { return UnitOfAnalysis(namedByElement: group.name) }
    let images = inputs.filter { $0.kind == .image }
    guard images.count == 1 else { return .record }
    return images[0].dimensions == 3 || takesSlices ? .volume : .image
  }

  /// Whether a unit can have several examples whose scores are aggregated: records of a group, or slices of a
  /// volume.
  public var aggregatesExamples: Bool { element(.group) != nil || takesSlices }

  /// Whether the split sets validation data aside.
  public var hasValidationPart: Bool {
    switch evaluation.split.method {
    case .fractions(_, let validation): validation > 0
    case .assigned(_, _, let validation): !validation.isEmpty
    }
  }

  /// Whether the sites validate each round's model, to select a round or to stop training early.
  public var validatesRounds: Bool {
    hasValidationPart && (evaluation.selectBestOn != .last || evaluation.earlyStopping != nil)
  }

  /// Whether volumes are cut into slices, each an example.
  public var takesSlices: Bool {
    preprocessing.contains { if case .slices = $0 { true } else { false } }
  }
}
