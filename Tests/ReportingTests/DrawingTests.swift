import Foundation
import Testing

@testable import Reporting

@Suite struct DrawingTests {
  @Test(arguments: [
    (0.7714, 3, "0.771"), (-0.0004, 3, "0.000"), (-1.25, 1, "\u{2212}1.3"), (12, 0, "12"),
    (0.9996, 3, "1.000"),
    (1.005, 0, "1"), (.nan, 2, "–"), (-.infinity, 2, "–"), (5.25, 1, "5.3"),
  ])
  func fixedDigits(value: Double, digits: Int, text: String) {
    #expect(NumberText.fixed(value, digits: digits) == text)
  }

  @Test(arguments: [
    (9_999, "9999"), (10_000, "10\u{202F}000"), (1_626_072, "1\u{202F}626\u{202F}072"), (0, "0"),
  ])
  func groups(value: Int, text: String) { #expect(NumberText.grouped(value) == text) }

  @Test(arguments: [(0.25, "0.3 s"), (75, "75 s"), (812.4, "13 min 32 s"), (7300, "2 h 1 min"), (.nan, "–")])
  func durations(seconds: Double, text: String) { #expect(NumberText.duration(seconds) == text) }

  @Test(arguments: [
    (0.0...1.0, 5, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    (0.65...0.9, 5, ["0.65", "0.70", "0.75", "0.80", "0.85", "0.90"]),
    (0.0...30.0, 5, ["0", "10", "20", "30"]), (-0.2...0.6, 5, ["\u{2212}0.2", "0.0", "0.2", "0.4", "0.6"]),
  ])
  func ticks(domain: ClosedRange<Double>, count: Int, texts: [String]) {
    let ticks = Ticks(domain, count: count)
    #expect(ticks.values.map(ticks.text) == texts)
  }

  @Test func roundsHaveWholeTicks() {
    #expect(Ticks(1...3, count: 5, wholeNumbers: true).values == [1, 2, 3])
    #expect(Ticks(1...1000, count: 5, wholeNumbers: true).values == [200, 400, 600, 800, 1000])
  }

  @Test func domainsContainTheirValues() {
    #expect(LinearScale.niceDomain(of: [0.52, 0.83]).contains(0.83))
    #expect(LinearScale.niceDomain(of: [0.9, 1.02], within: 0...1).upperBound == 1)
    #expect(LinearScale.niceDomain(of: [0.5, 0.5]).contains(0.5))
    #expect(LinearScale.niceDomain(of: []) == 0...1)
    #expect(LinearScale.niceDomain(of: [.nan, 2, 3]).contains(2.5))
  }

  private static let greatest = Double.greatestFiniteMagnitude
  private static let least = Double.leastNonzeroMagnitude

  private static let farValues: [[Double]] = [
    [-greatest, greatest], [greatest], [-1e308], [1e300, 1], [0, least], [1e12], [1e12, 1e12.nextUp],
  ]

  private static let farDomains: [ClosedRange<Double>] = [
    -greatest...greatest, 0...greatest, 1e300...1e300, 0...least, 1e-308...1e-307,
    -Double.infinity...Double.infinity,
  ]

  @Test(arguments: farValues)
  func everyDomainIsWideAndHasFewTicks(values: [Double]) {
    let domain = LinearScale.niceDomain(of: values)
    #expect(domain.upperBound > domain.lowerBound)
    #expect((domain.upperBound - domain.lowerBound).isFinite)
    #expect((2...20).contains(Ticks(domain, count: 5).values.count))
    #expect((0...20).contains(Ticks(domain, count: 5, wholeNumbers: true).values.count))
  }

  @Test(arguments: farDomains)
  func tickCountIsAlwaysFinite(domain: ClosedRange<Double>) {
    #expect(Ticks(domain, count: 5).values.count <= 20)
    #expect(Ticks(domain, count: 1, wholeNumbers: true).values.count <= 20)
  }

  @Test func pointsBeyondTheAxesAreClamped() {
    func panel(_ x: Double, _ y: Double) -> String {
      let series = LinePanel.Series(label: "a", style: Palette.pooled, points: [(0.5, 0.5), (x, y)])
      return LinePanel(
        title: "t", series: [series], xTitle: "x", yTitle: "y", xDomain: 0...1, yDomain: 0...1
      ).draw(width: 300).file
    }
    #expect(panel(1e20, 1e308) == panel(1, 1))
    #expect(panel(-1e20, -1e308) == panel(0, 0))
  }

  @Test func labelsAreSpreadApart() {
    let places = TextLayout.spread([50, 51, 52, 10, 99], gap: 13, within: 0...100)
    let sorted = places.sorted()
    #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $1 - $0 >= 13 - 1e-9 })
    #expect(sorted[0] >= 0 && sorted[4] <= 100)
    #expect(places[3] == 10)
  }

  @Test func textIsTruncatedToFit() {
    let cut = TextLayout.fit("Universitätsklinikum Heidelberg", width: 80, size: 13)
    #expect(cut.hasSuffix("…"))
    #expect(TextLayout.width(of: cut, size: 13) <= 80)
    #expect(TextLayout.fit("DU", width: 80, size: 13) == "DU")
  }

  @Test(arguments: [
    (0.0, "0"), (1.004, "1"), (-3.456, "-3.46"), (12.5, "12.5"), (0.07, "0.07"), (-0.04, "-0.04"),
    (Double.nan, "0"), (1e300, "10000000"), (-Double.infinity, "-10000000"),
  ])
  func coordinates(value: Double, text: String) {
    #expect(Shapes.number(value) == text)
  }

  @Test(
    "Figures and their text have WCAG's contrast", arguments: Array(stride(from: 0.0, through: 1, by: 0.02)))
  func heatContrast(share: Double) {
    let colour = Palette.heat(share)
    let channels = colour.fill.dropFirst(4).dropLast().split(separator: ",").compactMap { Double($0) }
    let ground = Self.luminance(channels)
    let ink = colour.ink == "#ffffff" ? 1.0 : 0.0
    #expect((max(ground, ink) + 0.05) / (min(ground, ink) + 0.05) >= 4.5)
  }

  @Test func heatOfNaNIsDark() { #expect(Palette.heat(.nan).fill == Palette.heat(0).fill) }

  @Test func lineColoursHaveEnoughContrast() {
    for style in Palette.distinct(8) {
      let value = UInt32(style.colour.dropFirst(), radix: 16) ?? 0xFFFFFF
      let channels = [16, 8, 0].map { Double((value >> $0) & 255) }
      #expect(1.05 / (Self.luminance(channels) + 0.05) >= 3, "\(style.colour)")
    }
    let styles = Palette.distinct(8)
    #expect(Set(styles.map(\.colour)).count == 8)
    #expect(Set(styles.map(\.shape)).count == 8)
  }

  /// The relative luminance according to WCAG 2.
  private static func luminance(_ channels: [Double]) -> Double {
    let linear = channels.map { channel -> Double in
      let share = channel / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }
}
