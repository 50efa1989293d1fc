import FederatedCore

/// Lies that ask a site for more than one answer to a question.
extension Lie {
  static let budget: [Lie] = [
    roundAskedFromManyModels, validationOfManyModels, testOfManyModels, rateWithOtherLastBits,
    otherStageOfTheRound, sameQuestionAgain, sameQuestionWithAnotherMemory, evenRoundAskedAgainAtTheEnd,
  ]

  private static let second = "a site answers one question of each kind per round, so nothing was computed"

  static let roundAskedFromManyModels = Lie(
    "round 1 is trained from 50 models", computed: 1, refused: 49, refusal: second
  ) { study in
    try (0..<50).map { try study.training(1, from: study.model($0)) }
  }

  static let validationOfManyModels = Lie(
    "round 1 is validated with 115 models", computed: 2, refused: 114, refusal: second
  ) { study in
    try [study.training(1, from: study.model(0))]
      + (0..<115).map { try study.validation(1, of: study.model($0)) }
  }

  static let testOfManyModels = Lie(
    "one final test is made of 115 models", arm: "tests", computed: 1, refused: 114, refusal: second
  ) { study in try (0..<115).map { try study.test(1, of: study.model($0)) } }

  /// Rates that differ in the last bits are accepted, since machines compute them differently.
  static let rateWithOtherLastBits = Lie(
    "round 1 is trained with 20 rates that differ in the last bits", computed: 1, refused: 19, refusal: second
  ) { study in
    try (0..<20).map { step in
      var question = try study.training(1, from: study.model(0))
      question.message.scaleLearningRate(by: 1 + Double(step) * 1e-12)
      return question
    }
  }

  static let otherStageOfTheRound = Lie(
    "round 1 is trained in each of its stages", computed: 1, refused: 1,
    refusal: "asks for stage 2 of round 1 of arm 'fedavg', which is not in the study that was signed"
  ) { study in
    try (0..<2).map { stage in
      var question = try study.training(1, from: study.model(stage))
      question.id.stage = stage
      return question
    }
  }

  static let sameQuestionAgain = Lie(
    "one question is asked 20 times", computed: 1, answered: 20, refused: 0
  ) { study in
    try (0..<20).map { _ in try study.training(1, from: study.model(0)) }
  }

  static let sameQuestionWithAnotherMemory = Lie(
    "a question is asked again with another previous round", computed: 1, answered: 3, refused: 0
  ) { study in
    try (0..<3).map { previous in
      var question = try study.training(1, from: study.model(0))
      question.previousRound = previous == 0 ? nil : previous
      return question
    }
  }

  /// The files of earlier answers are gone by then; the site computes the same answer or none.
  static let evenRoundAskedAgainAtTheEnd = Lie(
    "round 1 is asked again after round 3, first as it was", computed: 4, answered: 4, refused: 1,
    refusal: second
  ) { study in
    try (1...3).map { try study.training($0, from: study.model($0 - 1)) } + [
      study.training(1, from: study.model(0)), study.training(1, from: study.model(7)),
    ]
  }
}
