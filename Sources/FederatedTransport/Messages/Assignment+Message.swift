import FederatedCore

extension Assignment.ID {
  init(_ message: Consilium_V1_AskID) {
    self.init(
      round: Int(message.round), stage: message.hasStage ? Int(message.stage) : nil,
      question: Int(message.question))
  }

  var message: Consilium_V1_AskID {
    .with {
      $0.round = UInt32(round)
      if let stage { $0.stage = UInt32(stage) }
      $0.question = UInt32(question)
    }
  }
}
