import EvaluationMetrics
import FederatedCore

extension ReportPage {
  /// Test images with outlines; only what the caller put in, which is only what the study permits.
  var imagePanels: Markup? {
    guard !results.panels.isEmpty else { return nil }
    return section("Examples", id: "panels") {
      tag("p") {
        "Test images with the true and the predicted outline, drawn in the order of a random shuffle and not chosen by result."
      }
      classLegend
      for site in matrix.sites where results.panels.contains(where: { $0.site == site }) {
        tag("h3") { title(of: site) }
        tag("div", ["class": "panels"]) {
          for panel in results.panels where panel.site == site { drawn(panel) }
        }
      }
    }
  }

  /// The colours of the classes; a single one needs no legend.
  @MarkupBuilder private var classLegend: Markup {
    let classes = Array(results.study.classNames.enumerated().dropFirst())
    if results.study.task == "segmentation", classes.count > 1 {
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

  private func drawn(_ panel: PanelImage) -> Markup {
    tag("figure") {
      tag(
        "img",
        ["src": "data:image/png;base64," + panel.png.base64EncodedString(), "alt": panel.caption])
      tag("figcaption") { "\(panel.caption) · model \(ArmTitle.text(panel.arm))" }
    }
  }
}
