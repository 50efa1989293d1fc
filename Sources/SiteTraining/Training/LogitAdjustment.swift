import Foundation
import StudyProtocol

/// Logit adjustment for classes of very different frequency (Menon et al. 2021, "Long-tail learning via logit adjustment").
///
/// Cross-entropy of the logits plus τ·log π, where π is how often each class occurs in the training data, makes the bare logits
/// those of a classifier for classes of equal frequency. Sites whose mixes of classes differ then no longer pull the shared
/// model in as many directions (Zhang et al. 2022, FedLC), and unlike a weight, a shift stays small for a class of two images.
enum LogitAdjustment {
  /// What is added to the logits while a session trains, one a class, by its own training part; nil where the study asks for
  /// none.
  static func offsets(for study: Study, data: SessionData) throws -> [Float]? {
    guard let strength = study.training.logitAdjustment, let classCount = study.classCount else { return nil }
    let counts = try data.source.classCounts(of: data.examples(in: .training), classCount: classCount)
    return offsets(counts: counts, strength: strength)
  }

  /// τ·log π with π = (n of the class + 1) / (n + classes).
  ///
  /// By Laplace's rule a class that a site lacks is rare there, not impossible. Left out of the softmax (Li and Zhan 2021,
  /// FedRS), its logit would be free, and a site's own model could name the class for anything; so rare, it is held
  /// down where the model is wildly wrong, and a site that lacks a class hardly moves what the others teach about it.
  static func offsets(counts: [Int], strength: Double) -> [Float] {
    let total = Double(counts.reduce(0, +) + counts.count)
    return counts.map { Float(strength * log(Double($0 + 1) / total)) }
  }
}
