import FederatedCore

extension Assignment.ID {
  init(_ message: Consilium_V1_AssignmentID) {
    self.init(round: Int(message.round), stage: message.hasStage ? Int(message.stage) : nil)
  }

  var message: Consilium_V1_AssignmentID {
    .with {
      $0.round = UInt32(round)
      if let stage { $0.stage = UInt32(stage) }
    }
  }
}

extension TrainingInstruction {
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` where it asks for something impossible.
  init(_ message: Consilium_V1_TrainWork) throws(ConsiliumError) {
    let amount: Amount
    switch message.amount {
    case .epochs(let epochs): amount = .epochs(Int(epochs))
    case .steps(let steps): amount = .steps(Int(steps))
    case nil: throw messageFault("it does not say how much to train")
    }
    guard let weighting = UpdateWeighting(rawValue: message.weighting) else {
      throw messageFault("the weighting '\(message.weighting)'")
    }
    // Accept every value that a study may have: the site compares it with the study that it signed.
    let any = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    self.init(
      round: Int(message.round), amount: amount,
      learningRate: try finite(message.learningRate, "the learning rate", in: any), seed: message.seed,
      weighting: weighting,
      proximalStrength: try finite(message.proximalStrength, "the proximal strength", in: any))
  }

  /// Without the gradient's offset, which each site makes for itself.
  var message: Consilium_V1_TrainWork {
    .with {
      $0.round = UInt32(round)
      switch amount {
      case .epochs(let epochs): $0.epochs = UInt32(epochs)
      case .steps(let steps): $0.steps = UInt32(steps)
      }
      ($0.learningRate, $0.seed, $0.weighting) = (learningRate, seed, weighting.rawValue)
      $0.proximalStrength = proximalStrength
    }
  }
}
