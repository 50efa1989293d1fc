import FederatedCore

extension ReportPage {
  @MarkupBuilder var header: Markup {
    let study = results.study
    tag("header") {
      tag("p", ["class": "kind"]) { "Study report · for research only" }
      tag("h1") { study.title }
      tag("p", ["class": "facts"]) {
        "\(study.name), version \(study.version) · \(study.task) · ended \(date)"
      }
      if let question = Prose.question(in: study.explanation) { tag("p") { question } }
      status
      if results.isSimulation {
        tag("div", ["class": "status notice"]) {
          tag("p") {
            tag("strong") { "Simulation." }
            " One machine held the data of all sites and simulated each of them. The models are those that a federation would have trained; this report does not show that data stayed apart."
          }
        }
      }
      if study.isGenerated {
        tag("div", ["class": "status notice"]) {
          tag("p") {
            tag("strong") { "Generated data." }
            " The images were computed to resemble several scanners; no patient is in this study, and its results say nothing about any disease."
          }
        }
      }
    }
  }

  private var date: String { String(results.environment.ended.prefix { $0 != "T" }) }

  @MarkupBuilder private var status: Markup {
    switch results.status {
    case .finished:
      tag("div", ["class": "status finished"]) {
        tag("p") {
          tag("strong") { "✓ Finished." }
          " \(participationText)"
        }
      }
    case .partial(let missing, let reason):
      tag("div", ["class": "status partial", "role": "alert"]) {
        tag("p") {
          tag("strong") { "! Partial result." }
          if missing.isEmpty {
            " \(reason)"
          } else {
            " The study requires \(Prose.list(missing.map { title(of: $0) })), which \(missing.count == 1 ? "is" : "are") missing: \(reason)"
          }
        }
        tag("p") { "The figures below do not answer the study's question. \(participationText)" }
      }
    }
  }

  private var participationText: String {
    let active = results.participants
    let patients = active.flatMap(\.parts).reduce(0) { $0 + $1.patients }
    let rounds = results.arms.filter { $0.kind == .federated }.map(\.rounds.count).max() ?? 0
    let trained = rounds > 0 ? ", \(NumberText.count(rounds, "round"))" : ""
    return "\(NumberText.count(active.count, "site")), \(NumberText.count(patients, unit))\(trained)."
  }
}
