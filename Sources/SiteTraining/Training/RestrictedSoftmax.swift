import StudyProtocol

/// A softmax over the classes that occur in a site's own training set (Li and Zhan 2021, "FedRS: Federated
/// Learning with Restricted Softmax for Label Distribution Non-IID Data", with their α at 0).
///
/// With a softmax over all classes, a site without examples of a class would learn on every example not to
/// predict it. It would work against the sites that have the class. With this softmax, the other sites'
/// knowledge of the class reaches the shared model undisturbed. In the site's own model, the outputs for such
/// classes are untrained, so the model may predict them anywhere until it is averaged with the other sites'
/// models.
enum RestrictedSoftmax {
  /// An offset so low that the softmax of a class is 0.
  private static let excluded: Float = -1e9

  /// For each class, the offset that is added to its logit while a session trains, computed from the
  /// session's training set; `nil` if the study does not restrict the softmax.
  static func offsets(for study: Study, data: SessionData) throws -> [Float]? {
    guard study.training.absentClasses == .ignore, let classCount = study.classCount else { return nil }
    let counts = try data.source.classCounts(of: data.examples(in: .training), classCount: classCount)
    return counts.map { $0 == 0 ? excluded : 0 }
  }
}
