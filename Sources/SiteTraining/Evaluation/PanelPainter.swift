import EvaluationMetrics
import FederatedCore
import Foundation
import MedicalImaging
import ParameterFiles
import StudyProtocol
import WorkerProtocol

/// Draws test images for the report, with truth and prediction outlined, if the study permits images.
struct PanelPainter {
  let study: Study
  let data: SessionData
  let network: Network
  /// The seed that shuffles the test patients' numbers (see ``SessionData/numbers(in:seed:)``).
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

  /// Draws one image of each of `count` test patients, chosen at random, and one image of each of the worst
  /// patients. The random choice depends only on the seed, so that it is the same for every model.
  ///
  /// - Parameter worst: the numbers of the patients with the worst results.
  func paint(_ count: Int, worst: [Int] = [], seed: UInt64, into directory: URL) throws -> [Panel] {
    guard study.report.images, !study.isTabular else { return [] }
    var generator = RandomStream(seed: seed)
    let numbered = Array(zip(data.numbers(in: .test, seed: numbering), data.patients(in: .test)))
    let chosen = numbered.shuffled(using: &generator).prefix(count)
    let examples = try chosen.enumerated().compactMap { position, one in
      try panel(of: one.1, number: one.0, into: directory) {
        Panel(file: "panel-\(position + 1).png", caption: $0)
      }
    }
    let failures = try worst.compactMap { number in
      try numbered.first { $0.0 == number }.flatMap { one in
        try panel(of: one.1, number: number, into: directory) { Panel(worst: number, caption: $0) }
      }
    }
    return examples + failures
  }

  /// Draws an image of the patient and writes it to a file; `nil` if there is no image to draw.
  private func panel(
    of patient: SessionData.Patient, number: Int, into directory: URL, _ make: (_ caption: String) -> Panel
  ) throws -> Panel? {
    guard let example = try telling(patient.examples), let picture = try picture(of: example) else {
      return nil
    }
    let panel = make("Case \(number). \(picture.caption)")
    let file = directory.appending(path: panel.file)
    do {
      let png = try PNGWriter.encode(picture.pixels, rows: picture.rows, columns: picture.columns)
      try AtomicFile.write(Data(png), to: file)
    } catch {
      throw ConsiliumError(.storage, "cannot write the panel \(file.path)", cause: error)
    }
    return panel
  }

  /// The example to draw. With masks, it is the example with the largest true mask. If all true masks are
  /// empty, it is the example with the largest predicted mask. If these are empty too, it is the middle
  /// example. Without masks, it is the first example.
  private func telling(_ examples: [Int]) throws -> Int? {
    guard case .mask = try data.source.batch(examples.prefix(1), augmentationSeeds: nil).target else {
      return examples.first
    }
    let target = try largest(examples) { example in
      guard case .mask(let mask) = try data.source.batch([example], augmentationSeeds: nil).target else {
        return 0
      }
      return mask.count { $0 > 0 }
    }
    return try target ?? largest(examples, by: predicted)
      ?? (examples.isEmpty ? nil : examples[examples.count / 2])
  }

  /// The first example of the largest size; `nil` if all sizes are 0.
  private func largest(_ examples: [Int], by size: (Int) throws -> Int) rethrows -> Int? {
    var best: (example: Int, size: Int)?
    for example in examples {
      let found = try size(example)
      if found > best?.size ?? 0 { best = (example, found) }
    }
    return best?.example
  }

  /// The number of pixels that the model assigns to a class other than the background.
  private func predicted(_ example: Int) throws -> Int {
    var size = 0
    try network.evaluate([example], of: data.source) { _, output in
      size = try output.labels().count { $0 > 0 }
    }
    return size
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

  /// The Dice score with two decimals, as text. In a study with a `slices` step, it is the score of a single
  /// slice.
  private func text(_ dice: Double?) -> String {
    guard let dice else { return "–" }
    let hundredths = Int((dice * 100).rounded())
    return hundredths == 100 ? "1.00" : "0.\(hundredths < 10 ? "0" : "")\(hundredths)"
  }

  /// A panel of two pictures, truth and prediction. With several classes, solid and dashed outlines in one
  /// picture would be hard to distinguish.
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
    // Okabe and Ito's blue and orange are distinct with every kind of colour vision. The prediction is dashed
    // as well.
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
