import FederatedCore

extension ReportPage {
  /// The section about dropped contributions and findings in the data.
  var omissions: Markup? {
    section("Dropped contributions and data findings", id: "omissions") {
      if results.dropped.isEmpty {
        tag("p") { "Nothing was dropped: every site's contribution to every round is in the models." }
      } else {
        HTMLPage.table(head: [.text("Site"), .text("Arm"), .text("Round"), .text("Reason")]) {
          for record in results.dropped {
            HTMLPage.row(title(of: record.site)) {
              tag("td") { record.arm.map { ArmTitle.text($0) } ?? "all" }
              tag("td") { record.round.map(String.init) ?? "all" }
              tag("td", ["class": "wide"]) { record.reason }
            }
          }
        }
      }
      let untold = sitesWithoutResults
      if !untold.isEmpty {
        tag("p") {
          "No results are shown for the \(unit.plural) of \(Prose.list(untold.map { title(of: $0) })): the site's policy withholds them, or there are too few \(unit.plural). Means are over the other sites."
        }
      }
      if results.findings.isEmpty {
        tag("p") { "The checks of the common data elements found no problems." }
      } else {
        HTMLPage.table(head: [
          .text("Site"), .text("Severity"), .text("Element"), .number("Records"), .text("Finding"),
        ]) {
          for finding in results.findings {
            HTMLPage.row(title(of: finding.site)) {
              tag("td", ["class": finding.severity == .error ? "warning" : nil]) { finding.severity.rawValue }
              tag("td") { finding.element ?? "–" }
              HTMLPage.numberCell(finding.records.map(NumberText.grouped) ?? "few")
              tag("td", ["class": "wide"]) { finding.message }
            }
          }
        }
      }
    }
  }

  /// The participating sites that may have test patients but sent no model's results on them.
  private var sitesWithoutResults: [SiteID] {
    let models = results.arms.flatMap(\.models)
    guard !models.isEmpty else { return [] }
    return results.sites.filter { site in
      !isMissing(site.site) && !site.parts.contains { $0.part == .test && $0.patients == 0 }
        && models.allSatisfy { model in
          model.test.first { $0.site == site.site }?.evaluation.metrics.isEmpty ?? true
        }
    }.map(\.site)
  }

  var repetition: Markup? {
    let environment = results.environment
    return section("How to repeat the run", id: "repeat") {
      tag("p") { "The same study, data, seed and threads give the same models, bit for bit:" }
      tag("pre") { tag("code") { environment.command } }
      models
      HTMLPage.table(head: [.text("Record"), .text("Value")]) {
        fact("Study digest (SHA-256)", results.study.digest, isCode: true)
        fact("Seed", String(environment.seed))
        fact("Precision", "\(environment.precision), \(environment.memoryFormat)")
        fact("Device", environment.device)
        fact("Threads per worker", String(environment.threads))
        fact("Workers", "\(environment.workers) (no effect on results)")
        fact("CPU features", environment.cpuFeatures.joined(separator: ", "))
        for version in environment.versions { fact(version.name, version.value) }
        fact("Started", environment.started)
        fact("Ended", environment.ended)
      }
    }
  }

  private func fact(_ name: String, _ value: String, isCode: Bool = false) -> Markup {
    HTMLPage.row(name) {
      tag("td") { if isCode { tag("code") { value } } else { value.isEmpty ? "–" : value } }
    }
  }

  @MarkupBuilder private var models: Markup {
    let models = results.arms.flatMap { arm in arm.models.map { (arm: arm, model: $0) } }
    if !models.isEmpty {
      HTMLPage.table(
        head: [
          .text("Model"), .number("Selected round"), .number("Parameters"),
          .text("SHA-256 of the parameters"),
        ]
      ) {
        for (arm, model) in models {
          HTMLPage.row(model.site.map { "\(arm.title): \(title(of: $0))" } ?? arm.title) {
            HTMLPage.numberCell(arm.kind == .ensemble ? "–" : String(model.selectedRound))
            HTMLPage.numberCell(NumberText.grouped(model.parameterCount))
            tag("td") { tag("code") { model.digest } }
          }
        }
      }
    }
  }

  var glossary: Markup? {
    section("Glossary", id: "glossary") {
      tag("dl") {
        for name in results.study.metrics {
          let metric = MetricStyle(name)
          if let explanation = metric.explanation(unit) { entry(metric.title, explanation) }
        }
        entry(
          "\(confidenceText) interval",
          "The range of the value in \(confidenceText) of repetitions, each with as many \(unit.plural) drawn again from these. It does not cover differences to other hospitals.\(intervalConditions)"
        )
        entry(
          "Gain over local training",
          "The difference between the shared model and a site's own model on that site's own \(unit.plural), mean over sites (Roth et al. 2020)."
        )
        entry(
          "Gain in generalisability",
          "The difference between the shared model and a site's own model on the \(unit.plural) of the other sites, mean over sites (Roth et al. 2020)."
        )
        entry(
          "Point",
          "A hundredth: from a Dice or AUC of 0.70 to 0.73 is 3 points. Differences are stated in points. They are also stated in per cent if the value compared with is well above zero."
        )
        entry(
          "Round",
          "One exchange: every site trains the current model on its own data, and their changes are combined."
        )
      }
    }
  }

  /// The sentences that state which results have no interval, and which interval an accuracy of 0 or 1 has.
  private var intervalConditions: String {
    let metrics = results.study.metrics
    var conditions = ["fewer than \(SmallNumbers.interval) \(unit.plural)"]
    if metrics.contains("auc") {
      conditions.append("fewer than \(SmallNumbers.cases) of one class for an AUC")
    }
    if metrics.contains("c-index") {
      conditions.append("fewer than \(SmallNumbers.cases) with the event for a C-index")
    }
    conditions.append("resamples that all give the same value")
    return
      " There is none for \(conditions.dropLast().joined(separator: ", ")) or from \(conditions.last ?? "")."
      + (metrics.contains("accuracy")
        ? " An accuracy of 0 or 1 has its exact interval (Clopper and Pearson 1934)." : "")
  }

  @MarkupBuilder private func entry(_ word: String, _ meaning: String) -> Markup {
    tag("dt") { word }
    tag("dd") { meaning }
  }
}
