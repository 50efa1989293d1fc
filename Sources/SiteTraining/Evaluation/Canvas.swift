import EvaluationMetrics

/// A picture in 8-bit RGB, enlarged so that outlines are fine lines.
struct Canvas {
  private(set) var pixels: [UInt8]
  let rows: Int
  let columns: Int
  /// The displayed part of one example's mask: all of an image, or one slice of a volume.
  let plane: Range<Int>
  private let factor: Int

  /// Shows the first example of a batch; of a volume, the slice with the largest mask. Three channels become
  /// colours; otherwise the first channel is shown in grey.
  ///
  /// Intensities are stretched between the 1st and the 99th percentile of the displayed plane.
  init(showing batch: Batch, sliceWithMost mask: [UInt8]) {
    let shape = Array(batch.shape.dropFirst())
    let (height, width) = (shape[shape.count - 2], shape[shape.count - 1])
    let area = height * width
    let volume = shape.dropFirst().reduce(1, *)
    let slices = stride(from: 0, to: volume, by: area).map { $0..<($0 + area) }
    let sizes = slices.map { slice in mask.isEmpty ? 0 : mask[slice].count { $0 > 0 } }
    let most = sizes.max() ?? 0
    let plane = most > 0 ? slices[sizes.firstIndex(of: most) ?? 0] : slices[slices.count / 2]
    let channels = shape[0] == 3 ? [0, 1, 2] : [0, 0, 0]
    let shown = Set(channels).sorted().flatMap {
      batch.inputs[($0 * volume + plane.lowerBound)..<($0 * volume + plane.upperBound)]
    }
    let sorted = shown.sorted()
    let (low, high) = (sorted[sorted.count / 100], sorted[sorted.count - 1 - sorted.count / 100])
    let scale = high > low ? 255 / (high - low) : 0
    let factor = max(1, 384 / max(height, width))
    self.plane = plane
    self.factor = factor
    rows = height * factor
    columns = width * factor
    pixels = [UInt8](repeating: 0, count: 3 * rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let place = plane.lowerBound + row / factor * width + column / factor
        for (colour, channel) in channels.enumerated() {
          let value = (batch.inputs[channel * volume + place] - low) * scale
          pixels[3 * (row * columns + column) + colour] = UInt8(min(max(value, 0), 255))
        }
      }
    }
  }

  /// Draws the borders of the classes of a mask, all in one colour.
  mutating func outline(_ mask: [UInt8], colour: (UInt8, UInt8, UInt8), isDashed: Bool) {
    outline(mask, isDashed: isDashed) { _ in colour }
  }

  /// Draws the borders of the classes of a mask, each in the colour of its class.
  mutating func outlineClasses(_ mask: [UInt8]) {
    outline(mask, isDashed: false) { label in
      let colour = ClassColour.of(Int(label))
      return (colour.red, colour.green, colour.blue)
    }
  }

  /// Joins two pictures of the same size side by side, with a white line between them.
  static func beside(_ left: Canvas, _ right: Canvas) -> (pixels: [UInt8], rows: Int, columns: Int) {
    let gap = [UInt8](repeating: 255, count: 3 * 6)
    var pixels: [UInt8] = []
    for row in 0..<left.rows {
      pixels += left.pixels[(3 * row * left.columns)..<(3 * (row + 1) * left.columns)]
      pixels += gap
      pixels += right.pixels[(3 * row * right.columns)..<(3 * (row + 1) * right.columns)]
    }
    return (pixels, left.rows, left.columns + right.columns + 6)
  }

  private mutating func outline(
    _ mask: [UInt8], isDashed: Bool, colour: (UInt8) -> (UInt8, UInt8, UInt8)
  ) {
    let (height, width) = (rows / factor, columns / factor)
    for row in 0..<height {
      for column in 0..<width where mask[row * width + column] > 0 {
        let label = mask[row * width + column]
        let colour = colour(label)
        func differs(_ r: Int, _ c: Int) -> Bool {
          r < 0 || c < 0 || r >= height || c >= width || mask[r * width + c] != label
        }
        let (top, left) = (row * factor, column * factor)
        for step in 0..<factor where !isDashed || (row + column + step * 2 / factor).isMultiple(of: 2) {
          if differs(row - 1, column) { set(top, left + step, colour) }
          if differs(row + 1, column) { set(top + factor - 1, left + step, colour) }
          if differs(row, column - 1) { set(top + step, left, colour) }
          if differs(row, column + 1) { set(top + step, left + factor - 1, colour) }
        }
      }
    }
  }

  private mutating func set(_ row: Int, _ column: Int, _ colour: (UInt8, UInt8, UInt8)) {
    let place = 3 * (row * columns + column)
    (pixels[place], pixels[place + 1], pixels[place + 2]) = colour
  }
}
