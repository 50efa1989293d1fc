import StudyProtocol

/// A softmax over the classes that a site's own training part has (Li and Zhan 2021, "FedRS: Federated Learning with Restricted Softmax
/// for Label Distribution Non-IID Data", with their α at 0).
///
/// A site without a class would otherwise learn on every example to call nothing so, against the sites that have it. What the others
/// teach about the class then reaches the shared model undisturbed. The classes that a site lacks are free in its own model, which may
/// name them for anything until it is averaged with the others.
enum RestrictedSoftmax {
  /// So far down that the softmax of a class is 0.
  private static let excluded: Float = -1e9

  /// What is added to the logits while a session trains, one a class, by its own training part; nil where the study asks for
  /// none.
  static func offsets(for study: Study, data: SessionData) throws -> [Float]? {
    guard study.training.absentClasses == .ignore, let classCount = study.classCount else { return nil }
    let counts = try data.source.classCounts(of: data.examples(in: .training), classCount: classCount)
    return counts.map { $0 == 0 ? excluded : 0 }
  }
}
