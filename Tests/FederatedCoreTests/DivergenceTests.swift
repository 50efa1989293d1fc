import FederatedCore
import Testing

struct DivergenceTests {
  @Test func lossNamesRoundStepAndAdvice() {
    let error = ConsiliumError(Divergence(.loss, round: 1, step: 2))
    #expect(error.code == .diverged && error.exitStatus == 1)
    #expect(ConsiliumError.Code("diverged") == .diverged)
    #expect(
      error.message == "the training loss is not a number in round 1 at step 2; lower the learning rate "
        + "(training.optimizer.learning-rate) or set gradient-clip (training.gradient-clip)")
  }

  @Test(arguments: [
    Divergence(.loss, round: 12, step: 345), Divergence(.update, round: 3), Divergence(.output),
    Divergence(.range, round: 3),
  ])
  func descriptionReadsAsItself(divergence: Divergence) {
    #expect(Divergence(reading: divergence.description) == divergence)
  }

  /// A different engine may word its message differently.
  @Test func textBesidesTheDescriptionIsIgnored() {
    let message = "'/data/patient-0815.nii': the training loss is not a number in round 7 at step x; age 81"
    #expect(Divergence(reading: message) == Divergence(.loss, round: 7))
    #expect(Divergence(reading: "NaN in '/data/patient-0815.nii'") == Divergence(.output))
    #expect(Divergence(reading: "in round 99999999999999999999") == Divergence(.output, round: 999_999_999))
  }
}
