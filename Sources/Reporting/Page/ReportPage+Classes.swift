import FederatedCore

/// The section about differences between the sites in the classes of their patients.
extension ReportPage {
  var classMix: Markup? {
    guard let arm = testedArms.first(where: { $0.kind != .local }) ?? testedArms.first else { return nil }
    let details = matrix.sites.compactMap { site in
      evaluation(arm: arm, site: site)?.details.map { (site: site, details: $0) }
    }.filter { !$0.details.classCounts.isEmpty || !$0.details.trainingClassCounts.isEmpty }
    guard !details.isEmpty, shownClasses.count > 0 else { return nil }
    return section("Classes at each site", id: "classes") {
      HTMLPage.table(
        head: [.text("Site")] + heads(details.contains { !$0.details.trainingClassCounts.isEmpty }),
        caption: isSegmentation
          ? "Test \(unit.plural) in which each class occurs"
          : "Number of \(unit.plural) of each class, with their share"
      ) {
        for one in details {
          row(one.site, one.details, details.contains { !$0.details.trainingClassCounts.isEmpty })
        }
      }
      for sentence in mixSentences(details) { tag("p") { sentence } }
      if let spread = spreadSentence { tag("p") { spread } }
    }
  }

  var isSegmentation: Bool { results.study.task == "segmentation" }

  /// The classes to show. A segmentation leaves out the background, which occurs in every patient.
  private var shownClasses: [Int] {
    let all = Array(results.study.classNames.indices)
    return isSegmentation ? Array(all.dropFirst()) : all
  }

  private func heads(_ hasTraining: Bool) -> [HTMLPage.Column] {
    let names = shownClasses.map { results.study.classNames[$0] }
    let training = hasTraining ? names.map { HTMLPage.Column.number("Training: \($0)") } : []
    return training + names.map { .number("Test: \($0)") }
  }

  private func row(_ site: SiteID, _ details: EvaluationDetails, _ hasTraining: Bool) -> Markup {
    let tested = testedArms.compactMap { evaluation(arm: $0, site: site)?.patientCount }.max() ?? 0
    return HTMLPage.row(title(of: site)) {
      if hasTraining { cells(details.trainingClassCounts, total: details.trainingClassCounts.reduce(0, +)) }
      cells(details.classCounts, total: isSegmentation ? tested : details.classCounts.reduce(0, +))
    }
  }

  @MarkupBuilder private func cells(_ counts: [Int], total: Int) -> Markup {
    for index in shownClasses {
      tag("td", ["class": "n"]) {
        if counts.indices.contains(index) {
          NumberText.grouped(counts[index])
          if total > 0 {
            tag("span", ["class": "ci"]) {
              NumberText.fixed(100 * Double(counts[index]) / Double(total), digits: 0) + "\u{A0}%"
            }
          }
        } else {
          "–"
        }
      }
    }
  }

  /// The sentences that state how much the share of the last class varies between sites, and which sites lack
  /// a class.
  private func mixSentences(_ details: [(site: SiteID, details: EvaluationDetails)]) -> [String] {
    guard !isSegmentation else { return [] }
    let counted = details.map { one in
      (
        site: one.site,
        counts: one.details.trainingClassCounts.isEmpty
          ? one.details.classCounts : one.details.trainingClassCounts
      )
    }.filter { !$0.counts.isEmpty }
    let last = results.study.classNames.count - 1
    let shares = counted.compactMap { one -> (site: SiteID, share: Double)? in
      let total = one.counts.reduce(0, +)
      return total > 0 && one.counts.indices.contains(last)
        ? (one.site, Double(one.counts[last]) / Double(total)) : nil
    }
    var sentences: [String] = []
    if let least = shares.min(by: { $0.share < $1.share }),
      let most = shares.max(by: { $0.share < $1.share }),
      shares.count > 1
    {
      sentences.append(
        "The share of '\(results.study.classNames[last])' ranges from \(NumberText.percent(least.share)) at \(title(of: least.site)) to \(NumberText.percent(most.share)) at \(title(of: most.site))."
      )
    }
    for one in counted {
      let missing = shownClasses.filter { one.counts.indices.contains($0) && one.counts[$0] == 0 }
      guard !missing.isEmpty else { continue }
      sentences.append(
        "\(title(of: one.site)) has no training \(unit.plural) of \(Prose.list(missing.map { "'\(results.study.classNames[$0])'" }))."
      )
    }
    return sentences
  }

  /// The sentence that states the lowest and the highest result of the shared model over the sites.
  private var spreadSentence: String? {
    guard let focus = focusArm else { return nil }
    let values = matrix.sites.compactMap { site in
      matrix.estimate(arm: focus.name, site: site).map { (site: site, value: $0.value) }
    }
    guard values.count > 1, let least = values.min(by: { $0.value < $1.value }),
      let most = values.max(by: { $0.value < $1.value })
    else { return nil }
    return
      "The \(metric.title) of \(focus.title) ranges from \(metric.text(least.value)) at \(title(of: least.site)) to \(metric.text(most.value)) at \(title(of: most.site)): \(NumberText.fixed((most.value - least.value) * metric.differenceScale, digits: 1)) \(metric.differenceUnit) apart."
  }
}
