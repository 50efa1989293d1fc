import FederatedCore

extension ReportPage {
  /// The result in a few sentences and up to four numbers.
  @MarkupBuilder var headline: Markup {
    if let focus = focusArm, let mean = matrix.mean(ofArm: focus.name) {
      tag("p", ["class": "lead"]) {
        sentences(on: focus, mean)
      }
      tag("ul", ["class": "tiles"]) {
        tile(metric.text(mean.value), "mean \(metric.titleWithUnit), \(focus.title)", range(mean))
        if let share = shareOfPooled(focus) {
          tile(
            NumberText.percent(share.value), "of pooled training",
            NumberText.percentRange(share).map { "\(confidenceText) interval \($0)" })
        }
        if focus.kind != .local {
          gainTile(matrix.gainOverLocal(of: focus.name), "mean gain over local training")
          gainTile(matrix.generalisabilityGain(of: focus.name), "gain in generalisability")
        }
      }
    }
  }

  private func sentences(on focus: ArmResults, _ mean: SummaryEstimate) -> String {
    [reached(focus, mean), pooledText(focus), aloneText(focus), leadText(focus), harmText(focus)].compactMap(
      \.self
    )
    .joined(separator: " ")
  }

  /// The main arm of the page: the first federated arm that was tested, otherwise the last tested arm.
  var focusArm: ArmResults? { testedArms.first { $0.kind == .federated } ?? testedArms.last }

  private func reached(_ focus: ArmResults, _ mean: SummaryEstimate) -> String {
    let count = NumberText.count(trainers(of: focus), "site")
    let how =
      switch focus.kind {
      case .federated where results.isSimulation: "Trained as if across \(count), simulated on one machine"
      case .federated: "Trained across \(count), with each site's data staying there"
      case .pooled: "Trained on all data in one place"
      case .local: "Trained at each site alone"
      case .ensemble: "Combined from the models of \(count), each trained alone"
      }
    let unit = metric.unit.isEmpty ? "" : " \(metric.unit)"
    let interval = range(mean).map { " (\($0))" } ?? ""
    return
      "\(how), \(focus.title) reaches a mean \(metric.title) of \(metric.text(mean.value))\(unit)\(interval) "
      + "over the sites, on \(results.study.unit.plural) that no model saw in training."
  }

  /// The number of sites that trained in the arm. If this is not recorded, the number of participants.
  private func trainers(of arm: ArmResults) -> Int {
    let sites = Set(arm.rounds.flatMap(\.training).compactMap(\.site))
    return sites.isEmpty ? results.participants.count : sites.count
  }

  private func pooledText(_ focus: ArmResults) -> String? {
    guard let pooled = pooledArm(besides: focus), let mean = matrix.mean(ofArm: pooled.name) else {
      return nil
    }
    guard let share = shareOfPooled(focus) else {
      return "Training on pooled data reaches \(metric.text(mean.value))."
    }
    return
      "That is \(NumberText.percent(share.value)) of what training on pooled data reaches (\(metric.text(mean.value)))\(comparability(focus, pooled))."
  }

  /// A comparison of the two arms' amounts of training, such as `, at equal passes (FedAvg: …; Pooled: …)`;
  /// empty if they were not recorded.
  private func comparability(_ focus: ArmResults, _ pooled: ArmResults) -> String {
    guard let equality = focus.equality(to: pooled) else { return "" }
    return ", at \(equality) (\(focus.title): \(focus.effort); \(pooled.title): \(pooled.effort))"
  }

  private func aloneText(_ focus: ArmResults) -> String? {
    let means = matrix.rows.filter { $0.kind == .local }.compactMap { matrix.mean(of: $0)?.value }
    guard focus.kind != .local, let least = means.min(), let most = means.max() else { return nil }
    let span = least == most ? metric.text(least) : "\(metric.text(least)) to \(metric.text(most))"
    return "Models trained at one site alone reach \(span) over the same \(unit.plural)."
  }

  /// The sentence that compares the arm with the best local model. `nil` if there is only one local model,
  /// since the previous sentence already compares with it.
  private func leadText(_ focus: ArmResults) -> String? {
    guard matrix.localRows.count > 1, let lead = matrix.lead(of: focus.name) else { return nil }
    let value = lead.difference.value
    let interval = metric.differenceRange(lead.difference).map {
      " (\(confidenceText) interval of the difference \($0))"
    }
    let amount = NumberText.fixed(abs(value) * metric.differenceScale, digits: 1)
    let subject = lead.isTogether ? "On the \(unit.plural) of all sites as one group, \(focus.title)" : "It"
    if value == 0, interval == nil {
      return "\(subject) is as good as the best of them, that of \(title(of: lead.site))."
    }
    return
      "\(subject) is \(value < 0 ? "worse" : "better") than "
      + "the best of them, that of \(title(of: lead.site)), by \(amount) \(metric.differenceUnit)\(interval ?? " (no interval)")"
      + (lead.difference.intervalContains(0) ? "; this difference may be due to chance." : ".")
  }

  /// The arm's mean as a share of the pooled arm's mean. `nil` if lower values of the metric are better,
  /// since a share above 1 would then mean a worse model.
  private func shareOfPooled(_ focus: ArmResults) -> SummaryEstimate? {
    guard metric.higherIsBetter, let pooled = pooledArm(besides: focus) else { return nil }
    return matrix.share(of: focus.name, to: pooled.name)
  }

  private func pooledArm(besides focus: ArmResults) -> ArmResults? {
    testedArms.first { $0.kind == .pooled && $0.name != focus.name }
  }

  @MarkupBuilder private func gainTile(_ gain: SummaryEstimate?, _ meaning: String) -> Markup {
    if let gain {
      tile(
        "\(metric.differenceNumber(gain.value))\u{A0}\(metric.differenceUnit)", meaning,
        metric.differenceRange(gain).map { "\(confidenceText) interval \($0)" })
    }
  }

  private func tile(_ number: String, _ meaning: String, _ range: String?) -> Markup {
    tag("li") {
      tag("b") { number }
      tag("span") { meaning }
      tag("span", ["class": "ci"]) { range ?? "no interval" }
    }
  }

  /// The interval in words: `95 % interval 0.712 to 0.823`; `nil` if there is no interval.
  private func range(_ estimate: SummaryEstimate) -> String? {
    guard let low = estimate.low, let high = estimate.high else { return nil }
    return "\(confidenceText) interval \(metric.text(low))\u{A0}to\u{A0}\(metric.text(high))"
  }
}
