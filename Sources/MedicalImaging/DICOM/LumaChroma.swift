/// Colours stored as luminance and two colour differences (PS3.3, C.7.6.3.1.2).
struct LumaChroma: Sendable, Hashable {
  /// Whether luminance uses only the values 16 to 235 of 0 to 255, as in video.
  let isPartial: Bool
  /// The bits per sample.
  let bits: Int

  /// Red, green and blue of each pixel, as integers with the same number of bits (ITU-R BT.601).
  func rgb(_ values: [Float]) -> [Float] {
    let centre = Double(1 << (bits - 1))
    let greatest = Double((1 << bits) - 1)
    let unit = Double(1 << (bits - 8))
    let (black, lumaScale, chromaScale) =
      isPartial ? (16 * unit, 255 / 219.0, 255 / 224.0) : (0, 1, 1)
    var colours = values
    for start in stride(from: 0, to: values.count - 2, by: 3) {
      let luma = (Double(values[start]) - black) * lumaScale
      let blue = (Double(values[start + 1]) - centre) * chromaScale
      let red = (Double(values[start + 2]) - centre) * chromaScale
      let pixel = [
        luma + 1.402 * red, luma - (0.114 * 1.772 * blue + 0.299 * 1.402 * red) / 0.587, luma + 1.772 * blue,
      ]
      for (sample, value) in pixel.enumerated() {
        colours[start + sample] = Float(min(max(value.rounded(), 0), greatest))
      }
    }
    return colours
  }
}
