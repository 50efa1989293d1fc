import FederatedCore

/// What a reader must know before trusting the numbers.
extension ReportPage {
  /// Below the headline, all but what the headline says itself.
  @MarkupBuilder var cautions: Markup {
    let spoken = focusArm.flatMap(harmText)
    let others = (results.cautions ?? []).map(\.message).filter { $0 != spoken }
    if !others.isEmpty {
      tag("div", ["class": "status partial"]) {
        tag("p") { tag("strong") { "! Before you trust these numbers" } }
        tag("ul") {
          for message in others { tag("li") { message } }
        }
      }
    }
  }

  /// Which sites are worse off with the arm's model than with their own; it stands beside the gain.
  func harmText(_ arm: ArmResults) -> String? {
    results.cautions?.first { $0.kind == .harm && $0.arm == arm.name }?.message
  }
}
