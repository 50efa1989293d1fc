import Foundation
import Testing

@testable import Dashboard
@testable import Reporting

@Suite struct DarkInkTests {
  @Test func everyLineColourHasADarkModeCounterpart() {
    let inks = Dictionary(uniqueKeysWithValues: DashboardStyle.darkInks.map { ($0, $1) })
    let paper = Self.luminance(DashboardStyle.darkPaper)
    for style in Palette.distinct(8) {
      let ink = inks[style.colour]
      #expect(ink != nil, "\(style.colour)")
      #expect((Self.luminance(ink ?? "#000000") + 0.05) / (paper + 0.05) >= 4.5, "\(style.colour)")
    }
    #expect(Set(inks.values).count == inks.count)
  }

  /// The relative luminance according to WCAG 2.
  private static func luminance(_ colour: String) -> Double {
    let value = UInt32(colour.dropFirst(), radix: 16) ?? 0
    let linear = [16, 8, 0].map { shift -> Double in
      let share = Double((value >> shift) & 255) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }
}
