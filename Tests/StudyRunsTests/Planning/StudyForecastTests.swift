import FederatedCore
import StudyProtocol
import StudyRuns
import Testing

@Suite struct StudyForecastTests {
  /// The U-Net of the LGG study (405,000 parameters in 1.62 MB), cut at level 2, in bf16.
  private let sizes = ModelSizes(
    parameters: 405_000, bytesPerValue: 2, stepSeconds: 0.1,
    cuts: [.init(name: "level2", siteParameters: 34_000, valuesDown: 32_768, valuesUp: 32_768)])

  private var study: Study {
    get throws {
      var study = try Study(yaml: forecastSketch)
      study.evaluation.selectBestOn = .last
      return study
    }
  }

  private func ways(_ study: Study, link: Link = .init(upload: 12.5e6, download: 12.5e6, roundTrip: 0.02))
    -> [WayForecast]
  {
    StudyForecast(study, sizes: sizes, examples: [528, 264], link: link).ways
  }

  /// Bytes of a step in both directions and both passes: 2 b B (down + up), with b = 2 and B = 8: 2.1 MB.
  @Test func bytesOfEachWayFollowTheFormulas() throws {
    let study = try study
    let found = ways(study)
    #expect(found.map(\.arm) == ["fedavg", "swarm", "splitfed", "cyclic", "split"])
    let rounds = Double(study.federation.rounds)
    let model = 4.0 * 405_000
    let validated = study.validatesRounds ? 1.0 : 0
    #expect(found[0].bytes == rounds * 2 * model)
    #expect(found[1].bytes == rounds * (2 * model + 2 * model * 0.5))
    let crossing = 2.0 * 2 * 8 * (32_768 + 32_768) * 66
    let site = 4.0 * 34_000
    #expect(found[2].bytes == rounds * (crossing + 2 * site + validated * (model - site)))
    #expect(found[2].bytes == found[4].bytes)
    #expect(found[3].bytes == rounds * (2 * model + validated * model))
  }

  @Test func timeAddsTurnsAndOverlapsSites() throws {
    let study = try study
    let found = ways(study, link: .init(upload: 1e12, download: 1e12, roundTrip: 0.02))
    let rounds = Double(study.federation.rounds)
    // 528 and 264 examples in batches of 8 are 66 and 33 steps.
    #expect(abs(found[0].seconds - rounds * 66 * 0.1) < 0.01)
    #expect(abs(found[3].seconds - rounds * 99 * 0.1) < 0.01)
    #expect(abs(found[2].seconds - rounds * 66 * 0.14) < 0.1)
    #expect(abs(found[4].seconds - rounds * 99 * 0.14) < 0.1)
  }

  @Test func memoryFollowsThePartAtTheSiteAndTheOptimizer() throws {
    var study = try study
    study.training.optimizer = .init(name: .adamw, learningRate: 0.01)
    #expect(ways(study)[0].siteMemory == 405_000 * 16)
    #expect(ways(study)[2].siteMemory == 34_000 * 16)
    study.training.optimizer = .init(name: .sgd, learningRate: 0.01)
    #expect(ways(study)[0].siteMemory == 405_000 * 8)
  }
}

private let forecastSketch = """
  study: {name: forecast, task: segmentation}
  elements:
    - {name: flair, kind: image, role: input, modality: MR, dimensions: 2, channels: 1}
    - {name: lesion, kind: mask, role: target, values: {0: background, 1: lesion}}
    - {name: patient, kind: identifier, role: group}
  preprocessing: [{resample: {size: [128, 128]}}, {normalise: {method: z-score, per: volume}}]
  model: {architecture: unet, channels: [16, 32, 64, 128]}
  training: {optimizer: {name: adamw, learning-rate: 0.001}, loss: dice-ce, batch-size: 8, local-epochs: 1}
  federation: {workflow: fedavg, rounds: 40}
  evaluation: {metrics: [dice], split: {by: patient, test: 0.2}}
  """
