import FederatedCore

/// The cautions to read before trusting the numbers.
extension ReportPage {
  /// The cautions below the headline, except those that the headline already shows.
  @MarkupBuilder var cautions: Markup {
    let others = (results.cautions ?? []).filter { !Self.harms.contains($0.kind) || $0.arm != focusArm?.name }
      .map { results.text(of: $0) }
    if !others.isEmpty {
      tag("div", ["class": "status partial"]) {
        tag("p") { tag("strong") { "! Before you trust these numbers" } }
        tag("ul") {
          for message in others { tag("li") { message } }
        }
      }
    }
  }

  /// The cautions for the headline, about sites where the arm's model is, or may be, worse than the site's
  /// own model.
  func harmText(_ arm: ArmResults) -> String? {
    let harms = (results.cautions ?? []).filter { Self.harms.contains($0.kind) && $0.arm == arm.name }
    return harms.isEmpty ? nil : harms.map { results.text(of: $0) }.joined(separator: " ")
  }

  private static let harms: Set<Caution.Kind> = [.harm, .possibleHarm]
}
