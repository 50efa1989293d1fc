import FederatedCore
import StudyProtocol

extension Study {
  /// Refuses a study whose first weights are in a file, since a federation cannot carry that file to its sites yet.
  ///
  /// Each site makes the first weights itself, from the seed: sites would sign one first model and train another.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  public func demandDerivedFirstModel() throws(ConsiliumError) {
    guard model.initialWeights != nil else { return }
    throw ConsiliumError(
      .invalidInput,
      "the study starts from the weights of a file (model.initial-weights), which cannot be sent to the sites yet: each would start "
        + "from random weights instead. Remove model.initial-weights from the study and propose it again, or use "
        + "'consilium simulate', which reads the file")
  }
}
