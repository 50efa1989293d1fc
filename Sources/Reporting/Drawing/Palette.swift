import Foundation

/// The look of an arm, the same in every figure: a colour and, for readers who cannot see colours, a shape
/// and a dash.
package struct SeriesStyle: Sendable {
  package var colour: String
  var dash: String?
  var shape: MarkerShape
}

enum MarkerShape: Sendable, CaseIterable {
  case circle, square, diamond, triangle, inverted, cross, plus, bar
}

/// The colours of Okabe and Ito for colour-blind readers. Some are darkened, since lines need a contrast of
/// 3:1 with white.
package enum Palette {
  static let local = SeriesStyle(colour: "#4d4d4d", dash: "3 3", shape: .circle)
  static let pooled = SeriesStyle(colour: "#0072b2", dash: "8 3", shape: .square)

  private static let federated = [
    SeriesStyle(colour: "#d55e00", dash: nil, shape: .diamond),
    SeriesStyle(colour: "#007f5c", dash: nil, shape: .triangle),
    SeriesStyle(colour: "#aa4499", dash: "6 2 1 2", shape: .inverted),
    SeriesStyle(colour: "#8c6d00", dash: "5 2 2 2", shape: .cross),
    SeriesStyle(colour: "#332288", dash: "10 2", shape: .plus),
    SeriesStyle(colour: "#7a1f3d", dash: "4 2", shape: .bar),
  ]

  /// The styles of pooled arms whose amount of training differs from the default.
  private static let otherPooled = [
    "pooled-steps": SeriesStyle(colour: "#0072b2", dash: "2 3", shape: .plus),
    "pooled-passes": SeriesStyle(colour: "#0072b2", dash: "5 2 1 2", shape: .bar),
  ]

  /// The styles of the local models that predict together.
  private static let ensemble = [
    SeriesStyle(colour: "#4d4d4d", dash: "1 3", shape: .inverted),
    SeriesStyle(colour: "#4d4d4d", dash: "6 2 1 2 1 2", shape: .cross),
  ]

  /// The arms with a fixed style, in the same order as the styles in ``federated``.
  private static let known = ["fedavg", "fedprox", "fedadam", "scaffold", "median", "cyclic"]

  /// The style of an arm. It depends only on the arm's name and kind, so that it is the same in every figure
  /// of every run.
  package static func style(ofArm name: String, kind: ArmResults.Kind) -> SeriesStyle {
    switch kind {
    case .local: return local
    case .ensemble: return ensemble[name == "ensemble" ? 0 : 1]
    case .pooled: return otherPooled[name] ?? pooled
    case .federated:
      let sum = name.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
      return federated[known.firstIndex(of: name) ?? sum % federated.count]
    }
  }

  /// Styles for `count` lines that are not arms. All differ, unless there are more lines than styles.
  package static func distinct(_ count: Int) -> [SeriesStyle] {
    let all = federated + [pooled, local]
    return (0..<count).map { all[$0 % all.count] }
  }

  /// Nine evenly spaced colours of Matplotlib's scale cividis, from dark to light. The steps look even to
  /// colour-blind readers and in grey print.
  private static let cividis: [(Double, Double, Double)] = [
    (0, 34, 78), (26, 56, 111), (67, 78, 108), (97, 101, 111), (125, 124, 120), (155, 148, 118),
    (188, 174, 108), (222, 201, 88), (254, 232, 56),
  ]

  /// The colour of a share between 0 (dark) and 1 (light), and the colour of readable text on it. The colour
  /// is dark if the share is not a number.
  static func heat(_ share: Double) -> (fill: String, ink: String) {
    let position = (share >= 0 ? min(share, 1) : 0) * 8
    let index = min(Int(position), 7)
    let (low, high, part) = (cividis[index], cividis[index + 1], position - Double(index))
    let channels = [(low.0, high.0), (low.1, high.1), (low.2, high.2)].map { $0 + part * ($1 - $0) }
    let fill = "rgb(\(channels.map { String(Int($0.rounded())) }.joined(separator: ",")))"
    // If the luminance is above 0.179, black has more contrast than white. Either way, the chosen ink has a
    // contrast of at least 4.5:1.
    return (fill, luminance(channels) > 0.179 ? "#000000" : "#ffffff")
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
