import Foundation
import StudyProtocol
import Testing

@Suite struct StudyExplanationTests {
  @Test(arguments: Examples.names) func explanationFollowsTheStudy(name: String) throws {
    let study = try Examples.read(name).study
    let explanation = study.explanation()
    #expect(
      explanation.sections.map(\.title) == [
        "The question", "What each site supplies", "What is trained, and how", "What leaves a site",
        "How the result is judged",
      ])
    let prose = explanation.prose
    for element in study.elements { #expect(prose.contains("- \(element.name): ")) }
    for site in study.federation.sites.required { #expect(prose.contains(site.rawValue)) }
    #expect(prose.contains(study.header.title))
    #expect(prose.contains("\(study.federation.rounds) rounds"))
    #expect(!prose.contains("  ") && !prose.contains("Optional(") && !prose.contains(".."))
  }

  @Test func pagesAreWrapped() throws {
    let study = try Examples.read("lgg-brain-mri").study
    let page = study.explanation().page(width: 80)
    #expect(page.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(
      page.hasPrefix(
        "THE QUESTION\n\n  “FLAIR abnormality in lower-grade glioma” (study lgg-brain-mri, version 1)."))
    #expect(
      page.contains(
        """
          - lesion: an outline drawn on the image, in which 0 means background and 1
            means abnormality; what the model learns to predict
        """))
  }

  /// A change of the study, and the words that the explanation must then contain.
  @Test(arguments: [
    ("workflow: fedavg", "workflow: cyclic", "travels from site to site"),
    ("workflow: fedavg", "workflow: median", "no single site can pull"),
    ("workflow: fedavg", "workflow: fedavg, weighting: equal", "each site has the same weight"),
    ("required: [DU, HT, CS, FG]", "minimum: 3", "At least 3 sites must take part in a round, or it fails."),
    ("required: [DU, HT, CS, FG]", "required: []", "Every site must take part in every round"),
    ("FG]", "FG], minimum: 5", "CS and FG, and at least 5 sites in all; a round"),
    ("rounds: 20", "rounds: 1", "Training has 1 round."),
    ("local-epochs: 1", "local-steps: 7", "takes 7 steps of training"),
    (
      "local-epochs: 1", "local-fraction: 0.25",
      "goes through 25 % of its training data, so its number of steps is in proportion to its data, on"
    ),
    (
      "workflow: fedavg", "workflow: {name: cyclic, order: random}",
      "The order of the sites is drawn for each cycle from the study's seed, so all sites know it beforehand."
    ),
    (
      "workflow: fedavg", "workflow: {name: cyclic, order: rotated}",
      "by the sites' names; each cycle begins one site later than the cycle before."
    ),
    ("workflow: fedavg", "workflow: ciil", "until its own validation loss no longer improves"),
    (
      "sites: {required: [DU, HT, CS, FG]}", "sampling: {sites: 2}",
      "only 2 sites train, drawn from the study's seed, so that all sites know beforehand who is drawn. Every site is drawn "
        + "before any is drawn again. A round without one of them fails."
    ),
    (
      "sites: {required: [DU, HT, CS, FG]}", "sampling: {fraction: 0.3}, sites: {minimum: 2}",
      "only 30 % of the sites train, drawn from"
    ),
    (
      "sites: {required: [DU, HT, CS, FG]}", "sampling: {sites: 3}, sites: {minimum: 2}",
      "A round with fewer than 2 of them fails."
    ),
    (
      "workflow: fedavg", "workflow: fedavg, swarm: {}",
      "there is no central server that combines their contributions. In each round one of the sites does it, in an order that "
        + "nobody chooses. If that site is silent for 15 seconds, the next one takes over. Another site repeats the merge; if its "
        + "model differs, the study stops and names the site that merged. The model is the same as with a server."
    ),
    (
      "workflow: fedavg", "workflow: fedavg, swarm: {mergers: [DU, HT]}",
      "In a swarm each member that merges sees the others' updates: in this study DU and HT may merge."
    ),
    (
      "workflow: fedavg", "workflow: fedavg, swarm: {}",
      "sees the others' updates: in this study any site may merge."
    ),
    (
      "workflow: fedavg", "workflow: fedavg, swarm: {mergers: [DU]}",
      "In each round the site DU does it. If that site is silent for 15 seconds, the round waits for it. No other site may merge, so "
        + "nobody repeats the merge."
    ),
    (
      "workflow: fedavg", "workflow: fedavg, swarm: {witnesses: 0}",
      "Nobody repeats the merge, so an error in it is not noticed."
    ),
    (
      "workflow: fedavg", "workflow: fedavg, swarm: {witnesses: 2, lease: 60}",
      "silent for 60 seconds, the next one takes over. 2 other sites repeat the merge; if a model differs, the study stops"
    ),
    ("select-best-on: validation", "select-best-on: last", "The model of the last round is the result."),
    (
      "select-best-on: validation", "early-stopping: {patience: 3}",
      "3 evaluations in a row bring no improvement"
    ),
    ("select-best-on: validation", "select-best-on: auto", "at least 100 validation patients together"),
    ("select-best-on: validation", "every: 1", "within one standard error of the best"),
    ("evaluation:", "report: {images: true}\nevaluation:", "they are patients' images"),
    ("seed: 7", "initial-weights: w.safetensors", "It starts from given weights."),
    ("batch-size: 16", "batch-size: 16, class-weights: balanced", "by its own counts"),
    ("loss: dice-ce", "loss: cross-entropy, logit-adjustment: 1", "the counts stay at the site"),
    ("loss: dice-ce", "loss: cross-entropy, absent-classes: ignore", "of which it has no example"),
    ("loss: dice-ce", "loss: dice-ce, dice-over: batch", "(the overlap of a batch as a whole)"),
  ])
  func followsTheStudy(old: String, new: String, sentence: String) throws {
    #expect(lggSketch.contains(old))
    let study = try Study(yaml: lggSketch.replacing(old, with: new))
    #expect(study.explanation().prose.contains(sentence))
    #expect(try !Study(yaml: lggSketch).explanation().prose.contains(sentence))
  }
}
