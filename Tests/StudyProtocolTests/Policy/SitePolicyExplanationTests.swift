import StudyProtocol
import Testing

@Suite struct SitePolicyExplanationTests {
  @Test func explainsTheDefaultPolicy() {
    let prose = SitePolicy().explanation().prose
    for sentence in [
      "- Proposed by: any study lead with a certificate of the consortium.",
      "- No count, mean or metric based on fewer than 10 patients leaves the site. Nor do numbers about a set of patients that differs by fewer from one about which numbers have already left.",
      "- Bootstrap replicates, from which others can compute intervals: stay here.",
      "- The ends of confidence intervals, computed here: may leave.",
      "- Patients' images in the panels of a report, if the study shows any: stay here.",
      "Training runs at any time, on the device 'cpu', with as many threads as the study asks for.",
    ] { #expect(prose.contains(sentence)) }
  }

  @Test func explanationNamesEverySetting() throws {
    let prose = try SitePolicy(yaml: strictPolicy).explanation().prose
    for sentence in [
      "- Proposed by: brain-lab.", "- Models: unet, of at most 30000000 parameters.",
      "- Workflows: fedavg and fedprox, of at most 100 rounds.", "- At most 2 studies in all",
      "based on fewer than 12 patients leaves the site", "dice may leave",
      "- Reliability curves, ROC curves at fixed thresholds and confusion matrices: stay here.",
      "from 18:00 to 07:00 of the next day on mon, tue, wed, thu and fri and from 00:00 to 24:00 on sat and sun",
      "at most 4 threads", "at most 2000000 bytes per second",
    ] { #expect(prose.contains(sentence), "\(sentence)") }
  }

  // MARK: data that would leave in a study

  @Test func explanationNamesLocalModels() throws {
    var study = try Study(yaml: lggSketch)
    study.evaluation.baselines = [.local]
    let sentence =
      "- A model trained on this site's data alone, in each round and at the end: the study has the arm 'local'."
    let open = SitePolicy().leaving(study).prose
    #expect(open.contains(sentence))
    #expect(open.contains("every other site receives it"))
    #expect(!open.contains("forbids"))
    let closed = try SitePolicy(yaml: "release: {local-models: false}")
    #expect(closed.leaving(study).prose.contains("This site's policy forbids that (release.local-models)"))
    study.evaluation.baselines = []
    #expect(!SitePolicy().leaving(study).prose.contains("data alone"))
    let line = "- A model trained on this site's data alone, if a study has the arm 'local':"
    #expect(SitePolicy().explanation().prose.contains("\(line) may leave."))
    #expect(closed.explanation().prose.contains("\(line) stay here."))
  }

  @Test func explanationNamesTheActivationsOfSplitLearning() throws {
    var study = try Study(yaml: lggSketch)
    #expect(!SitePolicy().leaving(study).prose.contains("activations"))
    study.federation.split = .init(cut: "level2")
    let closed = SitePolicy().leaving(study).prose
    #expect(
      closed.contains(
        "- In each step of training, the activations of the training examples at 'level2' leave the site"))
    #expect(
      closed.contains("This site's policy forbids that (release.activations), so it refuses the study."))
    #expect(closed.contains("Never an image file, a row of a table, a label or an identifier."))
    let open = try SitePolicy(yaml: "accept: {cuts: [level2]}\nrelease: {activations: true}")
    #expect(!open.leaving(study).prose.contains("forbids"))
    #expect(open.explanation().prose.contains("- Split learning: cut at level2."))
    #expect(study.explanation().prose.contains("Split learning is no anonymisation"))
  }

  @Test func leavingTextFollowsThePolicy() throws {
    let study = try Study(yaml: lggSketch)
    let usual = SitePolicy().leaving(study).prose
    for sentence in [
      "the changes that training has made to the model's parameters, the number of training examples, how long it took, and the mean loss.",
      "on all its validation patients in each round, and on all its test patients at the end: dice, hausdorff95 and the mean loss.",
      "if it is at least 10 patients", "Never an image",
    ] { #expect(usual.contains(sentence), "\(sentence)") }
    #expect(!usual.contains("resamples") && usual.contains("The ends of the confidence intervals"))
    let open = SitePolicy(release: .init(metrics: [.dice], minimumPatients: 1, replicates: true)).leaving(
      study
    ).prose
    for sentence in [
      "at the end: dice and the mean loss.", "resamples of the test patients", "at least 1 patient,",
    ] {
      #expect(open.contains(sentence), "\(sentence)")
    }
    let noMetric = SitePolicy(release: .init(metrics: [])).leaving(study).prose
    #expect(noMetric.contains("at the end: the mean loss."))
    let closed = SitePolicy(release: .init(perSiteMetrics: false)).leaving(study).prose
    #expect(closed.contains("training examples and how long it took."))
    #expect(closed.contains("Results on this site's patients: only their number"))
    #expect(!closed.contains("loss") && !closed.contains("dice"))
  }
}
