import StudyProtocol
import Testing

@Suite struct SitePolicyExplanationTests {
  @Test func theUsualPolicyInPlainEnglish() {
    let prose = SitePolicy().explanation().prose
    for sentence in [
      "- Proposed by: any lead with a certificate of the consortium.",
      "- No count, mean or metric leaves that is of fewer than 10 patients.",
      "- Bootstrap replicates, from which confidence intervals come: stay here.",
      "- Patients' images in the panels of a report, where the study shows any: stay here.",
      "Training runs at any time, on the device 'cpu', with as many threads as the study asks for.",
    ] { #expect(prose.contains(sentence)) }
  }

  @Test func everySettingIsSaid() throws {
    let prose = try SitePolicy(yaml: strictPolicy).explanation().prose
    for sentence in [
      "- Proposed by: brain-lab.", "- Models: unet, of at most 30000000 parameters.",
      "- Workflows: fedavg and fedprox, of at most 100 rounds.", "- At most 2 studies in all",
      "of fewer than 12 patients", "dice may leave", "- Reliability curves: stay here.",
      "from 18:00 to 07:00 of the next day on mon, tue, wed, thu and fri and from 00:00 to 24:00 on sat and sun",
      "at most 4 threads", "at most 2000000 bytes a second",
    ] { #expect(prose.contains(sentence), "\(sentence)") }
  }
}
