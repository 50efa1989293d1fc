import FederatedCore

extension EvaluationDetails {
  /// The maximum number of classes in a message.
  private static let mostClasses = 1000

  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if a number is impossible.
  init(_ message: Consilium_V1_EvaluationDetails) throws {
    func counts(_ values: [UInt64], _ most: Int, _ what: String) throws -> [Int] {
      try atMost(most, values, what).map { try count($0, what) }
    }
    self.init(
      classCounts: try counts(message.classCounts, Self.mostClasses, "class counts"),
      trainingClassCounts: try counts(message.trainingClassCounts, Self.mostClasses, "class counts"),
      confusion: try counts(message.confusion, 10_000, "cells of a confusion matrix"),
      curves: try atMost(Self.mostClasses, message.curves, "ROC curves").map(ScoreCurve.init))
  }

  /// The message without single results, which never leave a site.
  var message: Consilium_V1_EvaluationDetails {
    .with {
      $0.classCounts = classCounts.map(UInt64.init)
      $0.trainingClassCounts = trainingClassCounts.map(UInt64.init)
      $0.confusion = confusion.map(UInt64.init)
      $0.curves = curves.map(\.message)
    }
  }
}

extension ScoreCurve {
  fileprivate init(_ message: Consilium_V1_ScoreCurve) throws {
    self.init(
      classIndex: try count(message.classIndex, "class of a ROC curve"),
      bins: try atMost(100, message.bins, "bins of a ROC curve").map {
        Bin(
          low: try finite($0.low, "a threshold", in: -1e-6...1 + 1e-6),
          positives: try count($0.positives, "patients"), negatives: try count($0.negatives, "patients"))
      })
  }

  fileprivate var message: Consilium_V1_ScoreCurve {
    .with {
      $0.classIndex = UInt64(classIndex)
      $0.bins = bins.map { bin in
        .with {
          $0.low = bin.low
          ($0.positives, $0.negatives) = (UInt64(bin.positives), UInt64(bin.negatives))
        }
      }
    }
  }
}
