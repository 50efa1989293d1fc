import FederatedCore

extension ReportPage {
  /// Test images with outlines; only what the caller put in, which is only what the study permits.
  var imagePanels: Markup? {
    guard !results.panels.isEmpty else { return nil }
    return section("Examples", id: "panels") {
      tag("p") {
        "Test images with the true and the predicted outline, drawn in the order of a random shuffle and not chosen by result."
      }
      for site in matrix.sites where results.panels.contains(where: { $0.site == site }) {
        tag("h3") { title(of: site) }
        tag("div", ["class": "panels"]) {
          for panel in results.panels where panel.site == site { drawn(panel) }
        }
      }
    }
  }

  private func drawn(_ panel: PanelImage) -> Markup {
    tag("figure") {
      tag(
        "img",
        ["src": "data:image/png;base64," + panel.png.base64EncodedString(), "alt": panel.caption])
      tag("figcaption") { "\(panel.caption) · model \(panel.arm)" }
    }
  }
}
