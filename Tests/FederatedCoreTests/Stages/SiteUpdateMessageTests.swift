import FederatedCore
import Testing

struct SiteUpdateMessageTests {
  private let model = ModelParameters(
    layout: ParameterLayout(entries: [.init(name: "w", shape: [2])]), values: [1, 2])

  private func message(_ summary: TrainingSummary) -> StageMessage {
    .update(NamedParts(model), weight: 3, summary)
  }

  private func summary(seconds: Double = 2, loss: Double? = 0.25) -> TrainingSummary {
    TrainingSummary(exampleCount: 9, stepCount: 3, loss: loss, seconds: seconds, weightedCount: 4.5)
  }

  private func read(_ message: StageMessage) throws -> SiteUpdate<ModelParameters> {
    try SiteUpdate(message, site: SiteID("a"), round: 4)
  }

  @Test(arguments: [nil, 0, 0.25]) func roundTrips(loss: Double?) throws {
    let read = try read(message(summary(loss: loss)))
    #expect(read.summary == summary(loss: loss))
    #expect(read.update.payload == model)
    #expect(read.update.weight == 3 && read.update.round == 4 && read.update.site == SiteID("a"))
  }

  @Test(arguments: [-1, 1.1e8, 1e300, Double.infinity, Double.nan]) func impossibleTimesAreRefused(
    seconds: Double
  ) {
    #expect(throws: ConsiliumError.self) { try read(message(summary(seconds: seconds))) }
  }

  @Test func messageOfAnotherKindIsNotAnUpdate() {
    var lossless = message(summary())
    lossless.facts["weight"] = nil
    var other = message(summary())
    other.tensors["update"] = .parameters(NamedParts(names: ["control"], parts: [model]))
    var vector = message(summary())
    vector.tensors["update"] = .f32([1, 2])
    var extra = message(summary())
    extra.tensors["patients"] = .u32([7])
    for wrong in [lossless, other, vector, extra] {
      #expect(throws: ConsiliumError.self) { try read(wrong) }
    }
  }
}
