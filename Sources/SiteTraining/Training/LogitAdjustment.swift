import Foundation
import StudyProtocol

/// Logit adjustment for classes of very different frequency (Menon et al. 2021, "Long-tail learning via logit
/// adjustment").
///
/// Training computes the cross-entropy of the logits plus τ·log π, where π is the frequency of each class in
/// the training data. The logits without this offset then form a classifier for classes of equal frequency.
/// Sites whose classes differ in frequency therefore pull the shared model less in different directions
/// (Zhang et al. 2022, FedLC). The offset also stays moderate for a class of two images, whose class weight
/// would be extreme.
enum LogitAdjustment {
  /// For each class, the offset that is added to its logit while a session trains, computed from the
  /// session's training set; `nil` if the study does not use logit adjustment.
  static func offsets(for study: Study, data: SessionData) throws -> [Float]? {
    guard let strength = study.training.logitAdjustment, let classCount = study.classCount else { return nil }
    let counts = try data.source.classCounts(of: data.examples(in: .training), classCount: classCount)
    return offsets(counts: counts, strength: strength)
  }

  /// The offset of each class: τ·log π with the frequency π = (n of the class + 1) / (n + number of classes).
  ///
  /// The added 1 (Laplace's rule) treats a class that a site lacks as rare there, not as impossible. During
  /// training, the class then has so low a probability that the loss hardly lowers its logit, unless the
  /// model clearly predicts the class. The site therefore hardly disturbs what the model learns about the
  /// class from other sites. If the class were left out of the softmax instead (Li and Zhan 2021, FedRS),
  /// training would not constrain its logit. The site's own model could then predict the class anywhere.
  static func offsets(counts: [Int], strength: Double) -> [Float] {
    let total = Double(counts.reduce(0, +) + counts.count)
    return counts.map { Float(strength * log(Double($0 + 1) / total)) }
  }
}
