import FederatedCore
import Foundation
import Phantom
import Reporting
import Simulator
import StudyProtocol
import TestSupport
import Testing

extension SimulationTests {
  /// Segmentation of generated brain MRI, from NIfTI files to pictures in the report.
  struct PhantomStudyTests {
    private static let study = """
      study: {name: tiny-phantom, version: 1, title: Lesions on generated images, task: segmentation, seed: 3}
      elements:
        - {name: flair, kind: image, role: input, modality: MR, dimensions: 2, channels: 1}
        - {name: lesion, kind: mask, role: target, dimensions: 2, values: {0: background, 1: lesion}}
        - {name: patient, kind: identifier, role: group}
      preprocessing:
        - reorient: {to: RAS}
        - normalise: {method: z-score, per: volume}
        - slices: {axis: z}
        - resample: {size: [16, 16]}
      augmentation: [{flip: {axes: [x], probability: 0.5}}]
      model: {architecture: unet, channels: [4, 8]}
      training:
        loss: dice-ce
        optimizer: {name: adamw, learning-rate: 1e-2}
        batch-size: 8
        local-epochs: 1
      federation: {workflow: fedavg, rounds: 2, sites: {required: [north, south]}}
      evaluation:
        metrics: [dice, hausdorff95]
        split: {by: patient, test: 0.25, validation: 0.25}
        bootstrap: {replicates: 10}
      report: {images: true}

      """

    private static let sites = """
      table: {file: participants.csv}
      sites: {column: site}
      elements:
        flair: {file: "images/{participant}_flair.nii"}
        lesion: {file: "masks/{participant}_lesion.nii"}
        patient: participant

      """

    private func configuration(_ folder: URL, workers: Int) throws -> SimulationConfiguration {
      let study = try Study(yaml: Self.study)
      let data = folder.appending(path: "data")
      let file = try SiteFile(yaml: Self.sites, study: study)
      return SimulationConfiguration(
        study: study, studyText: Self.study, sites: try file.sites(for: study, dataRoot: data),
        dataRoot: data,
        runFolder: folder.appending(path: "run-\(workers)"), arms: ["local", "pooled", "fedavg"],
        workers: workers, isGenerated: true, command: "test")
    }

    private func writeData(to folder: URL, matrix: Int = 24) throws {
      let scanners = Scanner.standard.filter { ["north", "south"].contains($0.site) }
        .map { $0.reduced(patients: 4, matrix: matrix, slices: 6) }
      var generator = RandomStream(seed: 5)
      try PhantomDataset(scanners: scanners).write(to: folder, using: &generator)
    }

    @Test func phantomStudyYieldsAModelAndPanels() async throws {
      try await withTemporaryFolder { folder in
        try writeData(to: folder.appending(path: "data"))
        let outcome = try await Simulation(configuration(folder, workers: 1)).run()
        let results = outcome.results
        #expect(results.sites.map { $0.parts.map(\.examples) } == [[12, 6, 6], [12, 6, 6]])
        for model in results.arms.flatMap(\.models) {
          #expect(model.test.allSatisfy { (0...1).contains($0.evaluation["dice"]?.value ?? -1) })
        }
        #expect(Set(results.panels.map(\.site.rawValue)) == ["north", "south"])
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47]
        #expect(results.panels.allSatisfy { $0.png.starts(with: png) && $0.arm == "fedavg" })
        // Each site has one test patient, whose picture appears twice: as an example and as a worst case.
        #expect(results.panels.map { $0.worstCase } == [nil, 1, nil, 1])
        let other = try await Simulation(configuration(folder, workers: 2)).run()
        #expect(other.digests == outcome.digests)
      }
    }

    /// The mask is on a different grid from its image. The finding names element, count and file.
    @Test func aMaskOfAnotherSizeStopsTheStudy() async throws {
      try await withTemporaryFolder { folder in
        let (data, coarse) = (folder.appending(path: "data"), folder.appending(path: "coarse"))
        try writeData(to: data)
        try writeData(to: coarse, matrix: 12)
        let mask = "masks/south-02_lesion.nii"
        try FileManager.default.removeItem(at: data.appending(path: mask))
        try FileManager.default.copyItem(at: coarse.appending(path: mask), to: data.appending(path: mask))
        let simulation = try Simulation(configuration(folder, workers: 1))
        let error = await #expect(throws: ConsiliumError.self) { try await simulation.run() }
        #expect(error?.code == .invalidInput)
        #expect(error?.message.contains("site 'south': element 'lesion', 1 record: ") == true)
        #expect(error?.message.contains(mask) == true)
      }
    }
  }
}
