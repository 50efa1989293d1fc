import FederatedCore
import Foundation
import StudyProtocol
import Testing
import WorkerProtocol

@testable import SiteTraining

/// Pictures of 2 × 4 pixels, from a model that returns its input as the prediction.
struct PanelPainterTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

  /// Three patients of three slices: one whose lesion is found, one whose lesion is missed, and one without a
  /// lesion but with a false finding in the last slice.
  private static let patients: [(prediction: [String], truth: [String])] = [
    (["00000000", "11000000", "00000000"], ["00000000", "11000000", "00000000"]),
    (["00000000", "00000000", "00000000"], ["11110000", "00000000", "00000000"]),
    (["00000000", "00000000", "00000111"], ["00000000", "00000000", "00000000"]),
  ]

  private func painter(permitsImages: Bool = true) throws -> PanelPainter {
    var study = try SmallImages.study(
      training: "loss: cross-entropy, optimizer: {name: sgd, learning-rate: 0.1}")
    study.report.images = permitsImages
    let labels = { (text: String) in text.compactMap { $0.wholeNumberValue.map { UInt8($0) } } }
    let slices = Self.patients.flatMap(\.prediction).map(labels)
    let source = ImagesInMemory(
      exampleShape: [2, 2, 4],
      images: slices.map { slice in (0..<2).flatMap { label in slice.map { Int($0) == label ? Float(1) : 0 } }
      },
      masks: Self.patients.flatMap(\.truth).map(labels))
    let members = Self.patients.indices.map {
      SessionData.Patient(site: SiteID("north"), part: .test, records: [(3 * $0)..<(3 * $0 + 3)])
    }
    return PanelPainter(
      study: study, data: SessionData(source: source, patients: members),
      network: try SmallImages.network(study, ReadOut()), numbering: 3)
  }

  private func paint(_ count: Int, worst: [Int] = [], permitsImages: Bool = true) throws -> [Panel] {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return try painter(permitsImages: permitsImages).paint(count, worst: worst, seed: 5, into: folder)
  }

  @Test func worstPatientsAreDrawnBesideTheExamples() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let numbers = try painter().data.numbers(in: .test, seed: 3)
    let panels = try paint(1, worst: [numbers[2], numbers[1]])
    #expect(panels.map(\.worstCase) == [nil, numbers[2], numbers[1]])
    #expect(panels.map(\.file) == ["panel-1.png", "worst-\(numbers[2]).png", "worst-\(numbers[1]).png"])
    for panel in panels {
      let png = try Data(contentsOf: folder.appending(path: panel.file))
      #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }
    // The panel of the patient without a lesion shows the slice with the false finding. The panel of the
    // patient with the missed lesion shows the slice with the lesion.
    for (panel, number) in zip(panels.dropFirst(), [numbers[2], numbers[1]]) {
      #expect(panel.caption.hasPrefix("Case \(number). "))
      #expect(panel.caption.hasSuffix("Dice of this image: 0.00."))
    }
  }

  @Test func noPictureIsDrawnUnlessTheStudyPermitsImages() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try paint(2, worst: [1, 2], permitsImages: false).isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func examplesDoNotDependOnTheWorst() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let alone = try paint(2)
    let beside = try paint(2, worst: [1, 99])
    #expect(alone.count == 2 && Array(beside.prefix(2)) == alone && beside.count == 3)
  }
}
