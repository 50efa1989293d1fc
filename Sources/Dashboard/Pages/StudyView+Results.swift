import FederatedCore
import Reporting

extension StudyView {
  @MarkupBuilder var results: Markup {
    if !study.results.isEmpty {
      Parts.section("Every model on every site", id: "matrix") {
        for table in study.results { ResultsFigure(table, in: study).markup }
      }
    } else if study.hasReport {
      Parts.section("Every model on every site", id: "matrix") {
        tag("p") {
          "No site has released results on its test \(study.unit.plural). Its policy, or too few \(study.unit.plural), may prevent it."
        }
      }
    }
  }
}

/// The matrix of results as a drawing and as a table.
struct ResultsFigure {
  private let table: ResultsTable
  private let metric: MetricStyle
  private let study: StudyPage

  private var unit: UnitOfAnalysis { study.unit }

  init(_ table: ResultsTable, in study: StudyPage) {
    self.table = table
    self.study = study
    metric = MetricStyle(table.metric)
  }

  @MarkupBuilder var markup: Markup {
    HTMLPage.figure(
      HeatMap(
        columns: table.sites.map { study.title(of: $0) } + ["mean"],
        rows: table.rows.enumerated().map { index, row in
          HeatMap.Row(
            label: study.title(ofModel: row.model),
            startsGroup: index > 0 && (table.rows[index - 1].trainedAt == nil) != (row.trainedAt == nil),
            values: row.values + [row.mean],
            ownColumn: row.trainedAt.flatMap { table.sites.firstIndex(of: $0) })
        },
        rowTitle: "Model", columnTitle: "Tested on the \(unit.plural) of",
        higherIsBetter: metric.higherIsBetter,
        text: { metric.text($0) },
        label: "\(metric.title) of every model on every site's test \(unit.plural)"
      ).draw(),
      caption:
        "\(metric.titleWithUnit) of each model (rows) on each site's test \(unit.plural) (columns); lighter is better. A frame marks a site's own model on its own \(unit.plural); a dash stands for a value that the site's policy withholds, and for a mean that cannot be computed without it."
    )
    tag("details", ["id": "matrix-\(table.metric)"]) {
      tag("summary") { "Show the numbers" }
      HTMLPage.table(
        head: [.text("Model")] + table.sites.map { .number(study.title(of: $0)) } + [.number("Mean")],
        caption: "\(metric.titleWithUnit), \(metric.higherIsBetter ? "higher is better" : "lower is better")"
      ) {
        for row in table.rows {
          HTMLPage.row(study.title(ofModel: row.model)) {
            for value in row.values + [row.mean] { HTMLPage.numberCell(value.map { metric.text($0) } ?? "–") }
          }
        }
      }
    }
  }
}
