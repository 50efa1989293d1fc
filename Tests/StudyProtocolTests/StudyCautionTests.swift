import FederatedCore
import StudyProtocol
import Testing

@Suite struct StudyCautionTests {
  private func counts(validation: [Int], test: [Int], classes: [[Int]?]? = nil) -> [PartCount] {
    validation.indices.flatMap { index in
      let site = SiteID("s\(index)")
      return [
        PartCount(site: site, part: .validation, units: validation[index]),
        PartCount(site: site, part: .test, units: test[index], classes: classes?[index]),
      ]
    }
  }

  private func study(_ change: (String) -> String = { $0 }) throws -> Study {
    try Study(yaml: change(heartSketch))
  }

  @Test func largeSetsHaveNoCaution() throws {
    #expect(try study().cautions(for: counts(validation: [60, 40], test: [20, 30])).isEmpty)
    #expect(try study().cautions(for: []).isEmpty)
  }

  @Test func cautionsAboutValidationTooSmallToSelectBy() throws {
    let small = counts(validation: [6, 3], test: [50, 50])
    let auto = try #require(try study().cautions(for: small).first)
    #expect(auto.kind == .fewValidation)
    #expect(
      auto.message
        == "9 records in validation at 2 sites: fewer than 100, so the model of the last round is the result."
    )
    let chosen = try study {
      $0.replacing("split: {test: 0.2}", with: "split: {test: 0.2}, select-best-on: validation")
    }
    #expect(try #require(chosen.cautions(for: small).first).message.contains("is mostly chance"))
    let stops = try study {
      $0.replacing("split: {test: 0.2}", with: "split: {test: 0.2}, early-stopping: {patience: 2}")
    }
    #expect(try #require(stops.cautions(for: small).first).message.contains("training does not stop early"))
    let last = try study {
      $0.replacing("split: {test: 0.2}", with: "split: {test: 0.2}, select-best-on: last")
    }
    #expect(last.cautions(for: small).isEmpty)
  }

  @Test func cautionsAboutTestSetsTooSmallForIntervals() throws {
    let cautions = try study().cautions(for: counts(validation: [60, 60, 60], test: [4, 5, 20]))
    #expect(cautions.map(\.kind) == [.noInterval, .fewTest])
    #expect(cautions.map { $0.sites.map(\.rawValue) } == [["s0"], ["s1"]])
    #expect(cautions[0].message.contains("s0 (4)"))
    let none = try study {
      $0.replacing("split: {test: 0.2}", with: "split: {test: 0.2}, bootstrap: {replicates: 0}")
    }
    #expect(none.cautions(for: counts(validation: [100], test: [4])).isEmpty)
  }

  @Test func cautionsAboutClassesTooSmallToMeasure() throws {
    let cautions = try study().cautions(
      for: counts(validation: [60, 60, 60], test: [40, 40, 40], classes: [[40, 0], [31, 9], [30, 10]]))
    #expect(cautions.map(\.kind) == [.fewOfClass, .fewOfClass])
    #expect(cautions[0].message.contains("no record of 'present' in test"))
    #expect(cautions[1].message.contains("few records of 'present' (9) in test"))
  }
}
