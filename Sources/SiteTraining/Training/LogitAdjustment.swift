import Foundation
import StudyProtocol

/// Logit adjustment for classes of very different frequency (Menon et al. 2021, "Long-tail learning via logit
/// adjustment").
///
/// Training computes the cross-entropy of the logits plus τ·log π, where π is the frequency of each class in
/// the training data. The bare logits then form a classifier for classes of equal frequency. Sites with
/// different mixes of classes therefore no longer pull the shared model in as many directions (Zhang et al.
/// 2022, FedLC). Unlike a weight, a shift stays small for a class of two images.
enum LogitAdjustment {
  /// The offsets that are added to the logits while a session trains, one per class, from its own training
  /// set; `nil` if the study does not use logit adjustment.
  static func offsets(for study: Study, data: SessionData) throws -> [Float]? {
    guard let strength = study.training.logitAdjustment, let classCount = study.classCount else { return nil }
    let counts = try data.source.classCounts(of: data.examples(in: .training), classCount: classCount)
    return offsets(counts: counts, strength: strength)
  }

  /// τ·log π with π = (n of the class + 1) / (n + number of classes).
  ///
  /// By Laplace's rule, a class that a site lacks is rare there, not impossible. If the class were left out
  /// of the softmax (Li and Zhan 2021, FedRS), training would not constrain its logit, and the site's own
  /// model could predict the class anywhere. As a rare class, it is held down only if the model clearly
  /// predicts it. A site that lacks a class then hardly disturbs what the model learns about the class from
  /// other sites.
  static func offsets(counts: [Int], strength: Double) -> [Float] {
    let total = Double(counts.reduce(0, +) + counts.count)
    return counts.map { Float(strength * log(Double($0 + 1) / total)) }
  }
}
