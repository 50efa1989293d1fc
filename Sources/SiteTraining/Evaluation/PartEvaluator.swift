import EvaluationMetrics
import FederatedCore
import StudyProtocol

/// Evaluates a model on one set of a data session, such as the test set, patient by patient.
///
/// In a classification or survival study, the scores of a patient's examples are first combined into one
/// score.
struct PartEvaluator {
  let study: Study
  let data: SessionData
  let network: Network
  /// The seed that shuffles the test patients' numbers (see ``SessionData/numbers(in:seed:)``).
  var numbering: UInt64 = 0
  /// The models to evaluate as one; `nil` to evaluate the network as it is. An ensemble has no loss.
  var ensemble: Ensemble?

  /// - Parameters:
  ///   - replicates: the number of bootstrap resamples of the patients.
  ///   - seed: the seed of the resamples; the same for every model, so that differences between models are
  ///     paired.
  func evaluate(_ part: DataPart, replicates: Int, seed: UInt64) throws -> SiteEvaluation {
    try ensemble?.check(study)
    let patients = data.patients(in: part)
    var generator = RandomStream(seed: seed)
    // Do not resample very few patients: their values get no interval, and resamples would reveal the value
    // of each patient.
    let resamples = PatientResamples(
      patientCount: patients.count, count: patients.count < SmallNumbers.interval ? 0 : replicates,
      using: &generator)
    var loss = LossMean()
    var calibration: [CalibrationBin] = []
    var details: EvaluationDetails?
    var behind = SessionData.set(patients).map { EvaluationPatients(all: $0) }
    let estimates: [Estimate] =
      switch study.header.task {
      case .segmentation:
        // In validation, leave out patients whose truth and prediction are both empty. Otherwise patients
        // without a lesion could favour an untrained model that outlines nothing.
        try segmentation(of: patients, countsEmpty: part != .validation, resamples, &loss, &details, &behind)
      case .classification:
        try classification(of: patients, resamples, &loss, &calibration, &details, &behind)
      case .survival: try survival(of: patients, resamples, &loss)
      }
    return SiteEvaluation(
      patientCount: patients.count, exampleCount: patients.reduce(0) { $0 + $1.exampleCount },
      loss: loss.value,
      metrics: estimates.map(MetricEstimate.init), calibration: calibration,
      details: part == .test ? details : nil, patients: behind)
  }

  private var metrics: [EvaluationMetrics.Metric] {
    study.evaluation.metrics.compactMap { EvaluationMetrics.Metric(rawValue: $0.rawValue) }
  }

  private func segmentation(
    of patients: [SessionData.Patient], countsEmpty: Bool, _ resamples: PatientResamples,
    _ loss: inout LossMean, _ details: inout EvaluationDetails?, _ behind: inout EvaluationPatients?
  ) throws -> [Estimate] {
    let labels = study.element(.target)?.values.dropFirst().map(\.label) ?? []
    var scores = SegmentationScores(classNames: Array(labels))
    var occurring: [Set<UInt8>] = []
    for patient in patients {
      var classes: Set<UInt8> = []
      let volumes = try patient.records.map { record in
        let (prediction, truth) = try masks(of: record, classCount: labels.count + 1, &loss)
        classes.formUnion(truth)
        return VolumeScore.score(
          prediction: prediction, truth: truth, grid: try data.source.grid(of: record),
          classCount: labels.count + 1, countsEmpty: countsEmpty,
          withDistances: metrics.contains(.hausdorff95))
      }
      scores.patients.append(VolumeScore.mean(of: volumes))
      occurring.append(classes)
    }
    details = self.details(
      of: scores.patients.map(\.dice), occurring: occurring, classCount: labels.count + 1)
    let estimates = scores.estimates(metrics, resamples: resamples)
    behind?.note(estimates, of: scores, occurring: occurring, in: patients)
    return estimates
  }

  /// The predicted and the true class of each pixel or voxel of a record.
  private func masks(of record: Range<Int>, classCount: Int, _ loss: inout LossMean) throws
    -> (prediction: [UInt8], truth: [UInt8])
  {
    guard let ensemble else { return try masks(of: record, &loss) }
    var ignored = LossMean()
    var truth: [UInt8] = []
    let predictions = try ensemble.models.map { model in
      try network.load(model)
      let masks = try masks(of: record, &ignored)
      truth = masks.truth
      return masks.prediction
    }
    return (ensemble.fuse(predictions, classCount: classCount), truth)
  }

  private func masks(of record: Range<Int>, _ loss: inout LossMean) throws
    -> (prediction: [UInt8], truth: [UInt8])
  {
    var prediction: [UInt8] = []
    var truth: [UInt8] = []
    try network.evaluate(Array(record), of: data.source) { batch, output in
      prediction += try output.labels()
      if case .mask(let mask) = batch.target { truth += mask }
      loss.add(output.loss, weight: batch.count)
    }
    return (prediction, truth)
  }

  private func classification(
    of patients: [SessionData.Patient], _ resamples: PatientResamples, _ loss: inout LossMean,
    _ calibration: inout [CalibrationBin], _ details: inout EvaluationDetails?,
    _ behind: inout EvaluationPatients?
  ) throws -> [Estimate] {
    let classCount = max(2, study.classCount ?? 2)
    var scores = ClassificationScores(classCount: classCount)
    let owners = patientOfEachExample(patients)
    let (labels, probabilities) = try classes(of: patients.flatMap(\.examples), classCount, &loss)
    for (row, label) in labels.enumerated() {
      scores.append(
        patient: owners[row], label: label,
        probabilities: probabilities[(row * classCount)..<((row + 1) * classCount)])
    }
    let whole = scores.aggregated(by: aggregation)
    details = try self.details(of: whole, patients)
    calibration = whole.reliabilityCurve.map {
      CalibrationBin(
        exampleCount: $0.exampleCount, meanProbability: $0.meanProbability,
        observedFrequency: $0.observedFrequency)
    }
    behind?.note(whole, in: patients)
    behind?.trainingClasses = try trainingClasses(classCount).map { PatientSet($0.compactMap(\.hash)) }
    return whole.estimates(metrics, resamples: resamples)
  }

  /// The true class of each example, and the predicted probabilities of all classes.
  private func classes(of examples: [Int], _ classCount: Int, _ loss: inout LossMean) throws
    -> (labels: [Int], probabilities: [Float])
  {
    guard let ensemble else { return try predictions(of: examples, classCount, &loss) }
    var (mean, ignored) = (MeanProbability(), LossMean())
    var labels: [Int] = []
    for model in ensemble.models {
      try network.load(model)
      let predicted = try predictions(of: examples, classCount, &ignored)
      mean.add(predicted.probabilities)
      labels = predicted.labels
    }
    return (labels, mean.value)
  }

  private func predictions(of examples: [Int], _ classCount: Int, _ loss: inout LossMean) throws
    -> (labels: [Int], probabilities: [Float])
  {
    var labels: [Int] = []
    var probabilities: [Float] = []
    try network.evaluate(examples, of: data.source) { batch, output in
      guard case .classes(let targets) = batch.target else { return }
      labels += targets.map { Int($0) }
      probabilities += try output.probabilities(classCount: classCount)
      loss.add(output.loss, weight: batch.count)
    }
    return (labels, probabilities)
  }

  private func survival(
    of patients: [SessionData.Patient], _ resamples: PatientResamples, _ loss: inout LossMean
  ) throws -> [Estimate] {
    var scores = SurvivalScores()
    var owners = patientOfEachExample(patients).makeIterator()
    try network.evaluate(patients.flatMap(\.examples), of: data.source) { batch, output in
      guard case .survival(let times, let events) = batch.target else { return }
      let risks = try output.values()
      for row in risks.indices {
        guard let patient = owners.next() else { return }
        scores.append(
          patient: patient, time: Double(times[row]), event: events[row] > 0, risk: Double(risks[row]))
      }
      loss.add(output.loss, weight: batch.count)
    }
    return scores.aggregated(by: aggregation).estimates(metrics, resamples: resamples)
  }

  private var aggregation: ScoreAggregation {
    switch study.evaluation.aggregation {
    case .mean: .mean
    case .max: .max
    }
  }

  private func patientOfEachExample(_ patients: [SessionData.Patient]) -> [Int] {
    patients.enumerated().flatMap { index, patient in
      [Int](repeating: index, count: patient.exampleCount)
    }
  }
}

/// The mean of a loss over examples.
struct LossMean {
  private var sum = 0.0
  private var weight = 0.0

  /// Adds a batch's loss, unless it is undefined, as for a survival batch without an event.
  mutating func add(_ loss: Double, weight count: Int) {
    guard loss.isFinite else { return }
    sum += loss * Double(count)
    weight += Double(count)
  }

  /// The mean; `nil` if the loss was undefined on every batch.
  var value: Double? { weight > 0 ? sum / weight : nil }
}
