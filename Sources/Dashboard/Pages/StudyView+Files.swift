import Foundation
import Reporting

extension StudyView {
  /// The downloads, for the same roles that may fetch them with `study results`.
  @MarkupBuilder var files: Markup {
    if !study.files.isEmpty {
      Parts.section("Downloads", id: "files") {
        if study.line.state != .finished {
          tag("p", ["class": "warning"]) {
            "Incomplete: these are the results up to the study's early end, not what was agreed on."
          }
        }
        HTMLPage.table(
          head: [.text("File"), .text("Contents"), .number("Size")], caption: "Results of this study"
        ) {
          for file in study.files {
            tag("tr") {
              tag("th", ["scope": "row"]) {
                tag("a", ["href": Address.file(study.line.id, file.path), "download": ""]) { file.name }
              }
              Parts.cell { Self.purpose(of: file.name) }
              HTMLPage.numberCell(Self.size(file.size))
            }
          }
        }
      }
    }
  }

  private static func purpose(of name: String) -> String {
    switch name {
    case "report.html": "The report, for any browser"
    case "report.json": "All results, for programs"
    case "rounds.csv": "Training and validation by round, as a table"
    case "matrix.csv": "Every model on every site, as a table"
    case "gains.csv": "Gains over local training, as a table"
    default:
      name.hasSuffix(".manifest.json")
        ? "The signatures of a model, for consilium model verify" : "A model, with PyTorch's parameter names"
    }
  }

  /// The size in decimal units, such as `41 MB`.
  static func size(_ bytes: Int) -> String {
    switch bytes {
    case ..<1000: "\(bytes) B"
    case ..<1_000_000: "\(NumberText.fixed(Double(bytes) / 1e3, digits: 0)) kB"
    case ..<1_000_000_000: "\(NumberText.fixed(Double(bytes) / 1e6, digits: 1)) MB"
    default: "\(NumberText.fixed(Double(bytes) / 1e9, digits: 1)) GB"
    }
  }
}
