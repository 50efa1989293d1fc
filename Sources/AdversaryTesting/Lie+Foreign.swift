import FederatedCore

/// Lies that ask for work that the signed study does not contain.
extension Lie {
  static let foreign: [Lie] = [furtherRound, furtherQuestion, trainingPatients, higherRate, otherKind]

  private static let notSigned = "which is not in the study that was signed; the site ignores it"

  static let furtherRound = Lie("a round after the last", computed: 0, refused: 1, refusal: notSigned) {
    study in
    [try study.training(study.rounds + 1, from: study.model(0), rate: 0.05)]
  }

  static let furtherQuestion = Lie(
    "a second question in a round", computed: 0, refused: 1, refusal: notSigned
  ) {
    study in
    var question = try study.training(1, from: study.model(0))
    question.id.question = 1
    return [question]
  }

  static let trainingPatients = Lie(
    "an evaluation on the training patients", computed: 0, refused: 2, refusal: notSigned
  ) { study in
    try [DataPart.training, .test].map { try study.validation(1, of: study.model(0), on: $0) }
  }

  static let higherRate = Lie("another learning rate", computed: 0, refused: 1, refusal: notSigned) { study in
    [try study.training(1, from: study.model(0), rate: 50)]
  }

  static let otherKind = Lie(
    "a kind of question that the study does not have", computed: 0, refused: 1, refusal: notSigned
  ) { _ in [Assignment(id: .init(round: 1, stage: 0), message: StageMessage(.init("export")))] }
}
