import FederatedCore
import FederatedTesting
import Testing

struct ReferenceTrainerTests {
  static let networks = [ReferenceNetwork.linear(inputs: 3), .perceptron(inputs: 3, hidden: 4)]

  private func instruction(_ seed: UInt64 = 1, rate: Double = 0.1) -> TrainingInstruction {
    TrainingInstruction(round: 1, amount: .epochs(3), learningRate: rate, seed: seed)
  }

  @Test(arguments: networks) func sameArgumentsProduceTheSameBits(_ network: ReferenceNetwork) async throws {
    let trainer = ReferenceTrainer(network, seed: 1)
    let first = try await trainer.train(from: trainer.initialModel, following: instruction())
    let second = try await trainer.train(from: trainer.initialModel, following: instruction())
    let other = try await trainer.train(from: trainer.initialModel, following: instruction(2))
    #expect(first.delta == second.delta)
    #expect(first.delta != other.delta)
  }

  /// With a tiny learning rate, one step over all examples yields the gradient, which is compared with
  /// central differences of the loss.
  @Test(arguments: networks) func gradientMatchesCentralDifferencesOfTheLoss(_ network: ReferenceNetwork)
    async throws
  {
    let trainer = ReferenceTrainer(network, examples: 8, seed: 5)
    let model = trainer.initialModel
    let step = TrainingInstruction(round: 1, amount: .steps(1), learningRate: 1e-2, seed: 1)
    let gradient = try await trainer.train(from: model, following: step).delta.values.map {
      -Double($0) / 1e-2
    }
    for (entry, range) in network.layout.ranges where entry.role == .trainable {
      for i in range {
        var losses: [Double] = []
        for shift in [Float(1e-2), -1e-2] {
          var moved = model
          moved.buffer.withUnsafeMutableValues { $0[i] += shift }
          losses.append(try #require(try await trainer.evaluate(moved, on: .training).loss))
        }
        #expect(abs((losses[0] - losses[1]) / 2e-2 - gradient[i]) < 2e-3)
      }
    }
  }

  @Test func proximalTermAndGradientOffsetAreApplied() async throws {
    let trainer = ReferenceTrainer(.linear(inputs: 2), seed: 1)
    let model = trainer.initialModel
    let free = try await trainer.train(from: model, following: instruction())
    var pulled = instruction()
    pulled.proximalStrength = 5
    let held = try await trainer.train(from: model, following: pulled)
    #expect(held.delta.squaredNorm < free.delta.squaredNorm / 2)

    var offset = TrainingInstruction(round: 1, amount: .steps(1), learningRate: 0.1, seed: 1)
    let plain = try await trainer.train(from: model, following: offset)
    offset.gradientOffset = ModelParameters(layout: model.layout, values: [1, 2, 3, 4, 5] as [Float])
    let shifted = try await trainer.train(from: model, following: offset)
    let differences = zip(plain.delta.values, shifted.delta.values).map { $0 - $1 }
    for (difference, expected) in zip(differences, [0.1, 0.2, 0.3, 0, 0] as [Float]) {
      #expect(abs(difference - expected) < 1e-6)
    }
  }
}
