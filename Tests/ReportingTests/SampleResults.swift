import EvaluationMetrics
import FederatedCore

@testable import Reporting

/// Invented results with the structure of a real run's results, for tests and for looking at a report.
struct SampleResults {
  var sites = ["DU", "HT", "CS", "FG"]
  var rounds = 20
  var federated = ["fedavg"]
  var replicates = 300
  var isClassification = false
  var generator = RandomStream(seed: 11)

  static func make(_ change: (inout SampleResults) -> Void = { _ in }) -> StudyResults {
    var sample = SampleResults()
    change(&sample)
    return sample.results()
  }

  mutating func results() -> StudyResults {
    let ids = sites.map { SiteID($0) }
    let patients = ids.indices.map { 6 + ($0 * 7) % 11 }
    var header = StudyHeader(
      name: "lgg-flair", version: 1, title: "FLAIR abnormality in lower-grade glioma", task: "segmentation",
      digest: Self.hex(7), explanation: Self.explanation, metrics: ["dice", "hausdorff95"],
      classNames: ["background", "abnormality"])
    if isClassification {
      header.task = "classification"
      header.metrics = ["auc", "balanced-accuracy", "calibration"]
      header.classNames = ["benign", "malignant"]
    }
    let resamples = patients.map { count in
      PatientResamples(patientCount: count, count: replicates, using: &generator)
    }
    var arms = [arm("local", .local, "Each site trains alone on its own data.", ids, patients, resamples)]
    arms.append(
      arm(
        "pooled", .pooled, "One model trains on the data of all sites in one place.", ids, patients, resamples
      ))
    for name in federated {
      arms.append(
        arm(
          name, .federated,
          "Sites train side by side; the server averages their changes, weighted by samples.", ids, patients,
          resamples))
    }
    return StudyResults(
      study: header, status: .finished,
      sites: zip(ids, patients).map { site, count in
        SiteSummary(
          site: site, title: Self.titles[site.rawValue], isRequired: true,
          parts: [
            .init(part: .training, patients: 4 * count, examples: 100 * count),
            .init(part: .validation, patients: count, examples: 25 * count),
            .init(part: .test, patients: count, examples: 25 * count),
          ])
      },
      arms: arms,
      findings: [
        .init(
          severity: .warning, site: ids[0], element: "age", records: 3,
          message: "3 records have no age; the study does not require it, so they take part")
      ],
      environment: EnvironmentRecord(
        command: "consilium simulate lgg-flair.yaml --out runs/lgg --arms local,pooled,fedavg --seed 7",
        seed: 7, threads: 2, workers: 1, device: "cpu", cpuFeatures: ["avx512f", "avx512_bf16"],
        precision: "bf16", memoryFormat: "channels-last",
        versions: [.init(name: "Consilium", value: "0.1.0"), .init(name: "libtorch", value: "2.13.0")],
        started: "2026-11-23T14:02:11Z", ended: "2026-11-23T14:29:40Z"))
  }

  static let titles = [
    "DU": "Duke University Medical Center", "HT": "Henry Ford Hospital",
    "CS": "Cedars-Sinai Medical Center", "FG": "Case Western Reserve University",
  ]

  private static let explanation = """
    Can one model outline the FLAIR abnormality of lower-grade glioma on brain MRI of several hospitals as well as a model trained on all their images together?

    Every site supplies for each patient:
    - flair: an MR image, the input
    - lesion: a mask drawn by a radiologist, the target

    A 2-D U-Net is trained for 20 rounds; in each, every site passes over its own training images once.
    """

  static func hex(_ seed: UInt64) -> String {
    var generator = RandomStream(seed: seed)
    return String((0..<64).map { _ in Array("0123456789abcdef")[Int(generator.next() % 16)] })
  }

  private mutating func arm(
    _ name: String, _ kind: ArmResults.Kind, _ summary: String, _ ids: [SiteID], _ patients: [Int],
    _ resamples: [PatientResamples]
  ) -> ArmResults {
    let level = kind == .local ? 0.72 : kind == .pooled ? 0.78 : 0.77 - 0.02 * Double(name.count % 3)
    let trainers: [SiteID?] = kind == .local ? ids : [nil]
    let models = trainers.enumerated().map { index, trainer in
      ModelResults(
        site: trainer, digest: Self.hex(generator.next()),
        file: "models/\(name)\(trainer.map { "-\($0)" } ?? "").safetensors", parameterCount: 1_626_072,
        selectedRound: max(1, rounds - 3 - index),
        test: ids.indices.map { site in
          let abroad = trainer != nil && trainer != ids[site] ? 0.16 + 0.03 * Double(index % 4) : 0
          return SiteResult(
            site: ids[site],
            evaluation: evaluation(level - abroad - 0.03 * Double(site % 3), patients[site], resamples[site]))
        })
    }
    let roundResults = (0..<rounds).map { round -> RoundResults in
      let progress = 1 - 0.9 / (1 + 0.5 * Double(round))
      return RoundResults(
        round: round + 1,
        training: (kind == .pooled ? [nil] : ids.map(Optional.some)).map { site in
          .init(
            site: site,
            summary: TrainingSummary(
              exampleCount: 400, stepCount: 25, loss: 1.3 * (1.1 - progress) + 0.05 * generator.nextUnit(),
              seconds: 8))
        },
        validation: ids.indices.map { site in
          let value = progress * level + 0.04 * (generator.nextUnit() - 0.5) - 0.03 * Double(site % 3)
          return SiteResult(
            site: ids[site],
            evaluation: SiteEvaluation(
              patientCount: patients[site], exampleCount: 25 * patients[site], loss: nil,
              metrics: [
                MetricEstimate(
                  name: isClassification ? "auc" : "dice", value: max(0, value), patientCount: patients[site])
              ]))
        })
    }
    return ArmResults(
      name: name, kind: kind, summary: summary, rounds: roundResults, models: models,
      stepCount: 25 * rounds * ids.count, seconds: 812.4)
  }

  /// Values of single patients around a level, with replicates from the site's shared resamples.
  private mutating func evaluation(_ level: Double, _ patients: Int, _ resamples: PatientResamples)
    -> SiteEvaluation
  {
    func values(_ spread: Double, _ level: Double) -> [Double?] {
      (0..<patients).map { _ in level + spread * (generator.nextUnit() + generator.nextUnit() - 1) }
    }
    func estimate(_ name: String, _ values: [Double?]) -> MetricEstimate? {
      PatientMean(values: values).estimate(named: name, patients: Array(values.indices), resamples: resamples)
        .map {
          .init(name: $0.name, value: $0.value, patientCount: $0.patientCount, replicates: $0.replicates)
        }
    }
    let metrics =
      isClassification
      ? [
        estimate("auc", values(0.15, level + 0.1)), estimate("balanced-accuracy", values(0.2, level)),
        estimate("calibration", values(0.04, 0.3 - level / 4)),
      ]
      : [estimate("dice", values(0.3, level)), estimate("hausdorff95", values(8, 28 - 26 * level))]
    let bins = (0..<10).map { bin in
      CalibrationBin(
        exampleCount: 12, meanProbability: 0.05 + 0.1 * Double(bin),
        observedFrequency: min(1, max(0, 0.05 + 0.1 * Double(bin) + 0.2 * (generator.nextUnit() - 0.5))))
    }
    return SiteEvaluation(
      patientCount: patients, exampleCount: 25 * patients, loss: nil, metrics: metrics.compactMap(\.self),
      calibration: isClassification ? bins : [])
  }
}
