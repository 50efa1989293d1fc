import FederatedAlgorithms
import FederatedCore
import FederatedTesting
import Testing

let lawLayout = ParameterLayout(entries: [
  .init(name: "weight", shape: [3, 5]), .init(name: "running_mean", shape: [4], role: .buffer),
])

struct AggregatorLawTests {
  @Test func weightedMean() throws {
    try AggregatorLaws(
      usesWeights: true, payload: { ModelParameters.random(lawLayout, using: &$0) },
      aggregator: { WeightedMean<ModelParameters>() }
    ).check()
  }

  @Test func weightedMeanOfPairs() throws {
    try AggregatorLaws(
      usesWeights: true,
      payload: {
        Scaffold.Update(model: .random(lawLayout, using: &$0), control: .random(lawLayout, using: &$0))
      },
      aggregator: { WeightedMean<Scaffold.Update>() }
    ).check()
  }

  /// The mean adds updates in pairs, yet gives the same bits as adding the updates one by one.
  @Test(arguments: 1...5) func weightedMeanEqualsTheRunningMean(count: Int) throws {
    var generator = RandomStream(seed: 3)
    let updates = (0..<count).map {
      ModelUpdate(
        site: SiteID("\($0)"), round: 1, payload: ModelParameters.random(lawLayout, using: &generator),
        weight: Double($0 + 1))
    }
    var mean = WeightedMean<ModelParameters>()
    for update in updates { try mean.add(update) }
    var expected = updates[0].payload.values
    var weight = 1.0
    for update in updates.dropFirst() {
      weight += update.weight
      let fraction = Float(update.weight / weight)
      for (index, value) in update.payload.values.enumerated() {
        expected[index] += fraction * (value - expected[index])
      }
    }
    let found = try mean.finish()
    #expect(found.payload.values == expected)
    #expect(found.totalWeight == weight && found.contributors == count)
  }

  @Test func coordinateMedian() throws {
    try AggregatorLaws(
      usesWeights: false, payload: { ModelParameters.random(lawLayout, using: &$0) },
      aggregator: { CoordinateMedian() }
    ).check()
  }

  @Test(arguments: [1, 2, 3, 4, 5]) func medianIsTheMiddleValue(count: Int) throws {
    let layout = ParameterLayout(entries: [.init(name: "w", shape: [70_000])])
    let columns: [[Float]] = [[3], [3, 1], [1, 9, 2], [4, -1, 100, 2], [5, 5, -5, 1, 2]]
    let expected: [Float] = [3, 2, 2, 3, 2]
    var median = CoordinateMedian()
    for (index, value) in columns[count - 1].enumerated() {
      try median.add(
        ModelUpdate(
          site: SiteID("\(index)"), round: 1,
          payload: ModelParameters(layout: layout, values: repeatElement(value, count: layout.count)),
          weight: 1))
    }
    let values = try median.finish().payload.values
    #expect(Set(values) == [expected[count - 1]])
  }

  @Test(arguments: [0, 0.2, 0.49]) func trimmedMean(trim: Double) throws {
    try AggregatorLaws(
      usesWeights: false, payload: { ModelParameters.random(lawLayout, using: &$0) },
      aggregator: { TrimmedMean(trim: trim) }
    ).check()
  }

  /// `scipy.stats.trim_mean` of each column.
  @Test(
    arguments: [
      (0.2, [3], 3), (0.4, [3, 1], 2), (0.34, [1, 9, 2], 2), (0.3, [1, 2, 4], 7.0 / 3),
      (0.25, [4, -1, 100, 2], 3), (0.2, [5, 5, -5, 1, 2], 8.0 / 3),
      (0.3, [7, -3, 0.5, 2.25, 1e6, -1e6, 4], 2.25),
      (0.1, [7, -3, 0.5, 2.25, 1e6, -1e6, 4], 1.535_714_285_714_285_8),
      (0.3, [10, 9, 8, 7, 6, 5, 4, 3, 2, -100], 5.5),
    ] as [(Double, [Float], Double)])
  func trimmedMeanMatchesSciPy(trim: Double, column: [Float], expected: Double) throws {
    let layout = ParameterLayout(entries: [.init(name: "w", shape: [70_000])])
    var mean = TrimmedMean(trim: trim)
    for (index, value) in column.enumerated() {
      try mean.add(
        ModelUpdate(
          site: SiteID("\(index)"), round: 1,
          payload: ModelParameters(layout: layout, values: repeatElement(value, count: layout.count)),
          weight: Double(index + 1)))
    }
    let found = try mean.finish()
    #expect(Set(found.payload.values) == [Float(expected)])
    #expect(found.contributors == column.count)
  }

  @Test func updatesOfDifferentModelsAreRefused() throws {
    let other = ParameterLayout(entries: [.init(name: "other", shape: [19])])
    func add(to aggregator: some Aggregator<ModelParameters>) throws {
      var aggregator = aggregator
      for layout in [lawLayout, other] {
        try aggregator.add(
          ModelUpdate(site: SiteID("a"), round: 1, payload: .zeros(layout), weight: 1))
      }
    }
    #expect(throws: ConsiliumError.self) { try add(to: WeightedMean<ModelParameters>()) }
    #expect(throws: ConsiliumError.self) { try add(to: CoordinateMedian()) }
    #expect(throws: ConsiliumError.self) { try add(to: TrimmedMean(trim: 0.2)) }
  }
}
