import Foundation
import StudyProtocol
import Testing

@testable import SiteTraining

struct DicomModalityTests {
  private func decode(_ modality: String) throws -> DecodedRecord {
    let study = try Study(
      yaml: """
        study: {name: small, version: 1, title: Small, task: classification, seed: 1}
        elements:
          - {name: image, kind: image, role: input, modality: \(modality), dimensions: 2, channels: 1}
          - {name: label, kind: category, role: target, values: {0: no, 1: yes}}
        preprocessing: [{normalise: {method: z-score, per: volume}}]
        model: {architecture: cnn, channels: [8, 16]}
        training: {loss: cross-entropy, optimizer: {name: adamw, learning-rate: 1e-2}, batch-size: 8, local-steps: 30}
        federation: {workflow: fedavg, rounds: 3}
        evaluation: {metrics: [auc], split: {test: 0.34}}

        """)
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/Field/photometric/monochrome/data/img/alpha00.dcm").standardizedFileURL
    let record = Record(group: "P", values: ["image": .file(file.path)], place: "list.csv:2")
    return try RecordDecoder(study: study).decode(record, at: SmallImages.site("alpha"))
  }

  @Test func declaredModalityMatchesTheHeader() throws {
    #expect(try decode("DX").shape == [1, 24, 24])
  }

  @Test func anotherModalityInTheHeaderIsRefusedWithoutItsText() {
    let fault = #expect(throws: ImageFault.self) { try decode("MR") }
    #expect(fault?.message.contains("modality (0008,0060) is not MR") == true)
    #expect(fault?.message.contains("DX") == false && fault?.values == ["DX"])
    #expect(fault?.place.hasSuffix("alpha00.dcm") == true)
  }
}
