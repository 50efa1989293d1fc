import FederatedCore
import Foundation
import StudyProtocol
import Testing
import WorkerProtocol

@testable import SiteTraining

/// The patients behind each number, as the engine reports them to the gate.
struct PatientSetTests {
  /// Twenty rows of ten patients, with the hashes 100 to 109.
  private func data(_ part: DataPart) -> SessionData {
    let patients = (0..<10).map { index in
      SessionData.Patient(
        site: SiteID("north"), part: part, records: [(2 * index)..<(2 * index + 2)],
        hash: UInt64(100 + index))
    }
    return SessionData(source: SmallStudy.data(count: 20).source, patients: patients)
  }

  private func train(_ amount: TrainingInstruction.Amount, _ data: SessionData) throws -> (
    summary: TrainingSummary, progress: [TrainingProgress]
  ) {
    let study = try SmallStudy.table(batchSize: 2)
    let network = try SmallStudy.network(study)
    var progress: [TrainingProgress] = []
    let summary = try Trainer(study: study, data: data, network: network, session: "north").train(
      from: try network.export(), amount: amount, learningRate: 0.1, seed: 3, round: 1, corrections: .init()
    ) { progress.append($0) }
    return (summary, progress)
  }

  @Test func epochNamesAllPatientsAndStepThoseOfItsBatch() throws {
    let all = PatientSet((100..<110).map(UInt64.init))
    #expect(try train(.epochs(1), data(.training)).summary.patients?.trained == all)
    let (summary, progress) = try train(.steps(1), data(.training))
    let trained = try #require(summary.patients?.trained)
    #expect((1...2).contains(trained.count) && trained.members.isSubset(of: all.members))
    #expect(progress.last?.patients == trained)
    #expect(summary.patients?.classes == [])
    #expect(summary.patients?.all == all)
  }

  /// Examples of a class with the weight 0 change no gradient, so their patients are not behind the update.
  @Test func patientsWhoseClassHasNoWeightAreNotBehindAnUpdate() throws {
    var study = try SmallStudy.table(batchSize: 20)
    study.training.loss = .crossEntropy
    study.training.classWeights = .byLabel(["absent": 0, "present": 1])
    // Every other row has the class 'present': give each patient rows of one class.
    let patients = (0..<10).map { index in
      let first = 4 * (index / 2) + index % 2
      return SessionData.Patient(
        site: SiteID("north"), part: .training, records: [first..<first + 1, (first + 2)..<(first + 3)],
        hash: UInt64(100 + index))
    }
    let data = SessionData(source: SmallStudy.data(count: 20).source, patients: patients)
    let network = try SmallStudy.network(try SmallStudy.table(batchSize: 20))
    let trainer = Trainer(study: study, data: data, network: network, session: "north")
    #expect(Set(try #require(try trainer.contributors()).values) == [101, 103, 105, 107, 109])
    let found = try Trial(
      study: study, data: data, network: network, site: SiteID("north"), seed: 5, minimumPatients: 6
    ).findings()
    #expect(found.first?.message.hasSuffix(", or for training.class-weights above 0") == true)
  }

  @Test func anEvaluationNamesThePatientsBehindEachNumber() throws {
    let study = try SmallStudy.table()
    let data = data(.test)
    let found = try PartEvaluator(study: study, data: data, network: try SmallStudy.network(study))
      .evaluate(.test, replicates: 0, seed: 1)
    let patients = try #require(found.patients)
    #expect(patients.all.count == 10)
    #expect(patients.calibration.map(\.count) == found.calibration.map(\.exampleCount))
    let details = try #require(found.details)
    #expect(patients.classes.map(\.count) == details.classCounts)
    #expect(patients.confusion.map(\.count) == details.confusion)
    #expect(patients.trainingClasses.map(\.count) == details.trainingClassCounts)
    let curve = try #require(details.curves.first)
    let sets = try #require(patients.curves.first)
    #expect(sets.map(\.positives.count) == curve.bins.map(\.positives))
    #expect(sets.map(\.negatives.count) == curve.bins.map(\.negatives))
    #expect(patients.classes.reduce(PatientSet()) { $0.union($1) } == patients.all)
  }

  @Test func noPatientsAreNamedWithoutASalt() throws {
    #expect(try train(.steps(1), SmallStudy.data(count: 20)).summary.patients == nil)
    #expect(SmallStudy.data(count: 20).description.allSatisfy { $0.members == nil })
    #expect(data(.training).description.map { $0.members?.count } == [10, nil, nil])
  }

  @Test func aHashDependsOnPatientSiteAndSalt() {
    let hashes = [("p1", "a", "x"), ("p2", "a", "x"), ("p1", "b", "x"), ("p1", "a", "y")].map {
      PatientHash.of($0.0, at: SiteID($0.1), salt: $0.2)
    }
    #expect(Set(hashes).count == 4)
    #expect(PatientHash.of("p1", at: SiteID("a"), salt: "x") == hashes[0])
  }
}
