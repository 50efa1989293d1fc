import EvaluationMetrics
import FederatedCore

extension ReportPage {
  /// Test images with outlines. Only images that the caller supplied are shown, and the caller supplies only
  /// images that the study permits.
  var imagePanels: Markup? {
    let panels = results.panels.filter { $0.worstCase == nil }
    guard !panels.isEmpty else { return nil }
    return section("Examples", id: "panels") {
      tag("p") {
        "Test images with the true and the predicted outline, drawn in the order of a random shuffle and not chosen by result."
      }
      classLegend
      for site in matrix.sites where panels.contains(where: { $0.site == site }) {
        tag("h3") { title(of: site) }
        tag("div", ["class": "panels"]) {
          for panel in panels where panel.site == site { picture(panel, caption: panel.caption) }
        }
      }
    }
  }

  /// The legend with the colours of the classes; empty for a single class.
  @MarkupBuilder var classLegend: Markup {
    let classes = Array(results.study.classNames.enumerated().dropFirst())
    if isSegmentation, classes.count > 1 {
      tag("p", ["class": "legend"]) {
        for (label, name) in classes {
          tag("span") {
            tag("svg", ["viewBox": "0 0 34 14", "width": "34", "height": "14", "aria-hidden": "true"]) {
              tag(
                "rect",
                ["x": "2", "y": "1", "width": "30", "height": "12", "fill": ClassColour.of(label).hex])
            }
            " \(name)"
          }
        }
      }
    }
  }

  func picture(_ panel: PanelImage, caption: String) -> Markup {
    tag("figure") {
      tag(
        "img",
        ["src": "data:image/png;base64," + panel.png.base64EncodedString(), "alt": caption])
      tag("figcaption") { "\(caption) · model \(ArmTitle.text(panel.arm))" }
    }
  }
}
