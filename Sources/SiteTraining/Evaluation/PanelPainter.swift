import FederatedCore
import Foundation
import MedicalImaging
import StudyProtocol
import WorkerProtocol

/// Draws test images for the report, with truth and prediction outlined; only where the study permits images.
struct PanelPainter {
  let study: Study
  let data: SessionData
  let network: Network

  /// Draws one image of each of `count` test patients, chosen by the seed alone and so the same for every model.
  func paint(_ count: Int, seed: UInt64, into directory: URL) throws -> [Panel] {
    guard study.report.images, !study.isTabular else { return [] }
    var generator = RandomStream(seed: seed)
    let patients = data.patients(in: .test).shuffled(using: &generator).prefix(count)
    return try patients.enumerated().compactMap { number, patient in
      guard let example = try telling(patient.examples), let picture = try picture(of: example) else {
        return nil
      }
      let file = "panel-\(number + 1).png"
      do {
        let png = try PNGWriter.encode(
          picture.canvas.pixels, rows: picture.canvas.rows, columns: picture.canvas.columns)
        try Data(png).write(to: directory.appending(path: file), options: .atomic)
      } catch {
        throw ConsiliumError(
          .storage, "cannot write the panel \(directory.appending(path: file).path)", cause: error)
      }
      return Panel(file: file, caption: picture.caption)
    }
  }

  /// The example with the largest target; the middle one where none has any.
  private func telling(_ examples: [Int]) throws -> Int? {
    guard case .mask = try data.source.batch(examples.prefix(1), augmentationSeeds: nil).target else {
      return examples.first
    }
    var best = (example: examples.isEmpty ? nil : examples[examples.count / 2], size: 0)
    for example in examples {
      guard case .mask(let mask) = try data.source.batch([example], augmentationSeeds: nil).target else {
        continue
      }
      let size = mask.count { $0 > 0 }
      if size > best.size { best = (example, size) }
    }
    return best.example
  }

  private func picture(of example: Int) throws -> (canvas: Canvas, caption: String)? {
    var picture: (Canvas, String)?
    try network.evaluate([example], of: data.source) { batch, output in
      switch batch.target {
      case .mask(let truth): picture = segmentation(batch, truth, try output.labels())
      case .classes(let labels): picture = classification(batch, Int(labels[0]), output)
      case .survival: break
      }
    }
    return picture
  }

  private func segmentation(_ batch: Batch, _ truth: [UInt8], _ prediction: [UInt8]) -> (Canvas, String) {
    var canvas = Canvas(showing: batch, sliceWithMost: truth)
    let range = canvas.plane
    // Okabe and Ito's blue and orange stay apart for every kind of colour vision; the prediction is dashed as well.
    canvas.outline(Array(truth[range]), colour: (86, 180, 233), isDashed: false)
    canvas.outline(Array(prediction[range]), colour: (230, 159, 0), isDashed: true)
    return (canvas, "Truth: blue, solid. Prediction: orange, dashed.")
  }

  private func classification(_ batch: Batch, _ truth: Int, _ output: NetworkOutput) -> (Canvas, String)? {
    let labels = study.element(.target)?.values.map(\.label) ?? []
    guard let probabilities = try? output.probabilities(classCount: max(2, labels.count)),
      let best = probabilities.indices.max(by: { probabilities[$0] < probabilities[$1] }),
      labels.indices.contains(truth), labels.indices.contains(best)
    else { return nil }
    let percent = Int((100 * probabilities[best]).rounded())
    return (
      Canvas(showing: batch, sliceWithMost: []),
      "Truth: \(labels[truth]). Prediction: \(labels[best]) (\(percent) %)."
    )
  }
}
