import FederatedCore
import FederatedRuntime
import StudyProtocol
import Testing

@testable import StudyRuns

/// Which sites take part in a study, and how a refusal reads.
struct StudyAdmissionTests {
  private let words = StudyAdmission.Words(
    code: .unavailable, advice: "resume the study", exclusion: "it was not ready")

  private func candidate(_ site: String, obstacles: [String] = []) -> StudyCandidate {
    StudyCandidate(site: SiteID(site), data: nil, isGenerated: false, obstacles: obstacles)
  }

  private func admit(_ candidates: [StudyCandidate], sites: String) throws(ConsiliumError) -> StudyAdmission {
    let study: Study
    do { study = try Study(yaml: StudyText.clinic(sites: sites)) } catch { throw .init(wrapping: error) }
    return try StudyAdmission(of: candidates, to: study, words: words)
  }

  @Test func optionalSiteWithObstacleIsLeftOut() throws {
    let admission = try admit(
      [candidate("west"), candidate("east"), candidate("north", obstacles: ["no disk"])],
      sites: "{minimum: 2}")
    #expect(admission.sites == [SiteID("east"), SiteID("west")])
    #expect(admission.candidates.map(\.site.rawValue) == ["west", "east", "north"])
    #expect(admission.excluded == [DroppedSite(site: SiteID("north"), reason: "it was not ready")])
  }

  @Test func requiredSiteWithObstaclesIsRefusedWithAllOfThem() throws {
    let error = #expect(throws: ConsiliumError.self) {
      try admit(
        [candidate("west", obstacles: ["no disk", "no data"]), candidate("east", obstacles: ["no engine"])],
        sites: "{required: [west], minimum: 1}")
    }
    #expect(error?.code == .unavailable)
    #expect(
      error?.message == """
        required sites cannot take part; nothing was trained:
          site 'west': no disk
          site 'west': no data
        resume the study
        """)
  }

  @Test func tooFewSitesAreRefusedWithTheirObstacles() throws {
    let error = #expect(throws: ConsiliumError.self) {
      try admit(
        [candidate("west"), candidate("south", obstacles: ["b"]), candidate("east", obstacles: ["a"])],
        sites: "{minimum: 2}")
    }
    #expect(
      error?.message == """
        only 1 site can take part; the study needs 2
          site 'east': a
          site 'south': b
        resume the study
        """)
  }

  @Test func everySiteIsRequiredIfTheStudyNamesNone() {
    #expect(throws: ConsiliumError.self) {
      try admit([candidate("west"), candidate("east", obstacles: ["a"])], sites: "{}")
    }
  }

  @Test func concludingAnEndedStudyAdmitsWhoeverIsReady() {
    let admission = StudyAdmission(
      of: [candidate("west", obstacles: ["no disk"]), candidate("east")], words: words)
    #expect(admission.sites == [SiteID("east")])
    #expect(admission.admitted.map(\.site) == [SiteID("east")])
  }
}
