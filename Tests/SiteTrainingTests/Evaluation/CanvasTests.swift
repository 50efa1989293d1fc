import Testing

@testable import SiteTraining

/// Pictures of a few pixels. The canvas enlarges each pixel to a square of 384 / side pixels on a side.
struct CanvasTests {
  private static let blue: (UInt8, UInt8, UInt8) = (86, 180, 233)

  private func batch(_ inputs: [Float], shape: [Int]) -> Batch {
    Batch(inputs: inputs, shape: shape, target: .mask([]))
  }

  /// The colour in the middle of an enlarged pixel.
  private func middle(_ canvas: Canvas, _ row: Int, _ column: Int, side: Int) -> [UInt8] {
    pixel(canvas, row * side + side / 2, column * side + side / 2)
  }

  private func pixel(_ canvas: Canvas, _ row: Int, _ column: Int) -> [UInt8] {
    Array(canvas.pixels[(3 * (row * canvas.columns + column))...].prefix(3))
  }

  /// The number of pixels of the canvas that have this colour.
  private func count(_ canvas: Canvas, _ colour: (UInt8, UInt8, UInt8)) -> Int {
    let pixels = canvas.pixels
    return stride(from: 0, to: pixels.count, by: 3).count {
      (pixels[$0], pixels[$0 + 1], pixels[$0 + 2]) == colour
    }
  }

  @Test func greysAreStretchedFromBlackToWhite() {
    let canvas = Canvas(showing: batch([-3, -2, -1, 0], shape: [1, 1, 2, 2]), sliceWithMost: [])
    #expect(canvas.rows == 384 && canvas.columns == 384 && canvas.pixels.count == 3 * 384 * 384)
    #expect(canvas.plane == 0..<4)
    #expect(middle(canvas, 0, 0, side: 192) == [0, 0, 0])
    #expect(middle(canvas, 0, 1, side: 192) == [85, 85, 85])
    #expect(middle(canvas, 1, 0, side: 192) == [170, 170, 170])
    #expect(middle(canvas, 1, 1, side: 192) == [255, 255, 255])
    // The enlarged pixels end at the right place.
    #expect(pixel(canvas, 191, 191) == [0, 0, 0] && pixel(canvas, 192, 192) == [255, 255, 255])
  }

  /// One pixel in a hundred at each end may have any brightness.
  @Test func outliersAreClipped() {
    var inputs = (0..<100).map { Float($0) }
    (inputs[0], inputs[99]) = (-1000, 1000)
    let canvas = Canvas(showing: batch(inputs, shape: [1, 1, 10, 10]), sliceWithMost: [])
    #expect(canvas.rows == 380)
    #expect(middle(canvas, 0, 0, side: 38) == [0, 0, 0])
    #expect(middle(canvas, 9, 9, side: 38) == [255, 255, 255])
    // The values from 1 to 98 are stretched, so 50 becomes 49/97 of 255.
    #expect(middle(canvas, 5, 0, side: 38) == [128, 128, 128])
  }

  @Test func anEvenPictureIsBlack() {
    let canvas = Canvas(showing: batch([7, 7, 7, 7], shape: [1, 1, 2, 2]), sliceWithMost: [])
    #expect(canvas.pixels.allSatisfy { $0 == 0 })
  }

  @Test func threeChannelsAreColours() {
    let inputs: [Float] = [0, 1, 0.2, 0.6, 1, 0]
    let canvas = Canvas(showing: batch(inputs, shape: [1, 3, 1, 2]), sliceWithMost: [])
    #expect(canvas.rows == 192 && canvas.columns == 384)
    #expect(middle(canvas, 0, 0, side: 192) == [0, 51, 255])
    #expect(middle(canvas, 0, 1, side: 192) == [255, 153, 0])
  }

  /// For a volume, the canvas shows the slice with the largest mask, or the middle slice if there is no mask.
  @Test func oneSliceOfAVolumeIsShown() {
    let volume = batch((0..<12).map { Float($0) }, shape: [1, 1, 3, 2, 2])
    #expect(Canvas(showing: volume, sliceWithMost: []).plane == 4..<8)
    let mask: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0]
    let canvas = Canvas(showing: volume, sliceWithMost: mask)
    #expect(canvas.plane == 8..<12)
    #expect(middle(canvas, 0, 0, side: 192) == [0, 0, 0])
    #expect(middle(canvas, 1, 1, side: 192) == [255, 255, 255])
  }

  /// A black picture of 4 × 4 pixels, each 96 on a side, with a mask's borders drawn.
  private func outlined(_ mask: [UInt8], isDashed: Bool = false) -> Canvas {
    var canvas = Canvas(
      showing: batch([Float](repeating: 0, count: 16), shape: [1, 1, 4, 4]), sliceWithMost: [])
    canvas.outline(mask, colour: Self.blue, isDashed: isDashed)
    return canvas
  }

  @Test func aPixelIsFramed() {
    let canvas = outlined([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(count(canvas, Self.blue) == 4 * 96 - 4)
    for (row, column) in [(96, 192), (96, 287), (191, 192), (191, 287), (140, 192), (96, 240)] {
      #expect(pixel(canvas, row, column) == [86, 180, 233])
    }
    for (row, column) in [(95, 192), (96, 191), (192, 287), (97, 193), (144, 240)] {
      #expect(pixel(canvas, row, column) == [0, 0, 0])
    }
  }

  /// Neighbouring pixels of one class share a frame; neighbours of different classes have separate frames.
  /// The edge of the image is a border.
  @Test(
    arguments: [
      ([0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], 2 * (96 + 192) - 4),
      ([0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0], 2 * (4 * 96 - 4)),
      ([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 4 * 384 - 4),
      ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0),
    ] as [([UInt8], Int)])
  func bordersAreBetweenClasses(mask: [UInt8], expected: Int) {
    #expect(count(outlined(mask), Self.blue) == expected)
  }

  /// For a pixel in row 1 and column 2, the second half of each side is drawn; for its left neighbour, the
  /// first half.
  @Test func dashesAreHalfOfEachSide() {
    let right = outlined([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], isDashed: true)
    #expect(pixel(right, 96, 239) == [0, 0, 0] && pixel(right, 96, 240) == [86, 180, 233])
    #expect(pixel(right, 143, 287) == [0, 0, 0] && pixel(right, 144, 287) == [86, 180, 233])
    // Four sides of 48, two of which meet in the lower right corner.
    #expect(count(right, Self.blue) == 4 * 48 - 1)
    let left = outlined([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], isDashed: true)
    #expect(pixel(left, 96, 96) == [86, 180, 233] && pixel(left, 96, 144) == [0, 0, 0])
    #expect(count(left, Self.blue) == 4 * 48 - 1)
  }
}
