import FederatedCore

/// What a reader must know before trusting the numbers.
extension ReportPage {
  /// The cautions below the headline, except those in the headline itself.
  @MarkupBuilder var cautions: Markup {
    let spoken = focusArm.flatMap(harmText)
    let others = (results.cautions ?? []).map { results.text(of: $0) }.filter { $0 != spoken }
    if !others.isEmpty {
      tag("div", ["class": "status partial"]) {
        tag("p") { tag("strong") { "! Before you trust these numbers" } }
        tag("ul") {
          for message in others { tag("li") { message } }
        }
      }
    }
  }

  /// The sites for which the arm's model is worse than their own; shown next to the gain.
  func harmText(_ arm: ArmResults) -> String? {
    results.cautions?.first { $0.kind == .harm && $0.arm == arm.name }.map { results.text(of: $0) }
  }
}
