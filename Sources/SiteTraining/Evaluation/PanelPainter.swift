import EvaluationMetrics
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
  /// The seed of the patients' numbers.
  var numbering: UInt64 = 0

  private struct Picture {
    var pixels: [UInt8]
    var rows: Int
    var columns: Int
    var caption: String

    init(_ canvas: Canvas, caption: String) {
      (pixels, rows, columns) = (canvas.pixels, canvas.rows, canvas.columns)
      self.caption = caption
    }

    init(_ left: Canvas, beside right: Canvas, caption: String) {
      (pixels, rows, columns) = Canvas.beside(left, right)
      self.caption = caption
    }
  }

  /// Draws one image of each of `count` test patients, chosen by the seed alone and so the same for every model.
  func paint(_ count: Int, seed: UInt64, into directory: URL) throws -> [Panel] {
    guard study.report.images, !study.isTabular else { return [] }
    var generator = RandomStream(seed: seed)
    let numbered = Array(zip(data.numbers(in: .test, seed: numbering), data.patients(in: .test)))
    let chosen = numbered.shuffled(using: &generator).prefix(count)
    return try chosen.enumerated().compactMap { number, one in
      let (name, patient) = one
      guard let example = try telling(patient.examples), let picture = try picture(of: example) else {
        return nil
      }
      let file = "panel-\(number + 1).png"
      do {
        let png = try PNGWriter.encode(picture.pixels, rows: picture.rows, columns: picture.columns)
        try Data(png).write(to: directory.appending(path: file), options: .atomic)
      } catch {
        throw ConsiliumError(
          .storage, "cannot write the panel \(directory.appending(path: file).path)", cause: error)
      }
      return Panel(file: file, caption: "Case \(name). \(picture.caption)")
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

  private func picture(of example: Int) throws -> Picture? {
    var picture: Picture?
    try network.evaluate([example], of: data.source) { batch, output in
      switch batch.target {
      case .mask(let truth): picture = segmentation(batch, truth, try output.labels())
      case .classes(let labels): picture = classification(batch, Int(labels[0]), output)
      case .survival: break
      }
    }
    return picture
  }

  private func segmentation(_ batch: Batch, _ truth: [UInt8], _ prediction: [UInt8]) -> Picture {
    let labels = study.element(.target)?.values.map(\.label) ?? []
    let dice: [Double?] = prediction.withUnsafeBufferPointer { prediction in
      truth.withUnsafeBufferPointer { truth in
        diceCoefficients(prediction: prediction, truth: truth, classCount: max(2, labels.count)).map { $0 }
      }
    }
    let canvas = Canvas(showing: batch, sliceWithMost: truth)
    return labels.count > 2
      ? classes(canvas, truth, prediction, dice, labels) : lesion(canvas, truth, prediction, dice[1])
  }

  /// The Dice of one input of the model; in a study with slices, this is a slice.
  private func text(_ dice: Double?) -> String {
    guard let dice else { return "–" }
    let hundredths = Int((dice * 100).rounded())
    return hundredths == 100 ? "1.00" : "0.\(hundredths < 10 ? "0" : "")\(hundredths)"
  }

  /// Two pictures, truth and prediction: with several classes, two kinds of lines in one picture are hard to
  /// distinguish.
  private func classes(
    _ canvas: Canvas, _ truth: [UInt8], _ prediction: [UInt8], _ dice: [Double?], _ labels: [String]
  ) -> Picture {
    var (left, right) = (canvas, canvas)
    left.outlineClasses(Array(truth[canvas.plane]))
    right.outlineClasses(Array(prediction[canvas.plane]))
    let legend = labels.indices.dropFirst().map { label in
      "\(labels[label]): \(ClassColour.of(label).name), Dice \(text(dice[label]))"
    }
    return Picture(
      left, beside: right,
      caption: "Left: truth, right: prediction. \(legend.joined(separator: "; ")).")
  }

  private func lesion(_ canvas: Canvas, _ truth: [UInt8], _ prediction: [UInt8], _ dice: Double?) -> Picture {
    var canvas = canvas
    let range = canvas.plane
    // Okabe and Ito's blue and orange stay apart for every kind of colour vision; the prediction is dashed as well.
    canvas.outline(Array(truth[range]), colour: (86, 180, 233), isDashed: false)
    canvas.outline(Array(prediction[range]), colour: (230, 159, 0), isDashed: true)
    return Picture(
      canvas, caption: "Truth: blue, solid. Prediction: orange, dashed. Dice of this image: \(text(dice)).")
  }

  private func classification(_ batch: Batch, _ truth: Int, _ output: NetworkOutput) -> Picture? {
    let labels = study.element(.target)?.values.map(\.label) ?? []
    guard let probabilities = try? output.probabilities(classCount: max(2, labels.count)),
      let best = probabilities.indices.max(by: { probabilities[$0] < probabilities[$1] }),
      labels.indices.contains(truth), labels.indices.contains(best)
    else { return nil }
    let percent = Int((100 * probabilities[best]).rounded())
    return Picture(
      Canvas(showing: batch, sliceWithMost: []),
      caption: "Truth: \(labels[truth]). Prediction: \(labels[best]) (\(percent) %)."
    )
  }
}
