import FederatedCore
import StudyProtocol
import Testing

@Suite struct StudyUnitTests {
  @Test func groupElementNamesTheUnit() throws {
    #expect(try Study(yaml: lggSketch).unit == .patient)
    let lesions = lggSketch.replacing("name: patient", with: "name: lesion-id").replacing(
      "by: patient", with: "by: lesion-id")
    #expect(try Study(yaml: lesions).unit.plural == "lesions")
  }

  @Test func unitWithoutAGroupIsTheKindOfRecord() throws {
    #expect(try Study(yaml: heartSketch).unit == .record)
    let alone = lggSketch.replacing("  - {name: patient, kind: identifier, role: group}\n", with: "")
      .replacing("by: patient, ", with: "")
    #expect(try Study(yaml: alone).unit == .image)
    let sliced = alone.replacing("[{resample", with: "[{slices: {axis: z}}, {resample")
    #expect(try Study(yaml: sliced).unit == .volume)
    #expect(try Study(yaml: alone).explanation().prose.contains("The data name no patients: each image"))
  }

  @Test func aggregationIsLeftOutAtItsDefault() throws {
    let grouped = heartSketch.replacing(
      "- {name: age,", with: "- {name: patient, kind: identifier, role: group}\n  - {name: age,")
    let study = try Study(yaml: grouped)
    let mean = try Study(yaml: grouped.replacing("metrics: [auc]", with: "metrics: [auc], aggregate: mean"))
    let max = try Study(yaml: grouped.replacing("metrics: [auc]", with: "metrics: [auc], aggregate: max"))
    #expect(try study.digest() == mean.digest())
    #expect(try study.digest() != max.digest())
    #expect(try Study(canonicalJSON: max.canonicalJSON()).evaluation.aggregation == .max)
    #expect(max.explanation().prose.contains("its score is the highest of those of its records"))
  }

  @Test func rejectsAggregationWithoutEffect() {
    let alone = heartSketch.replacing("metrics: [auc]", with: "metrics: [auc], aggregate: max")
    #expect(throws: (any Error).self) { try Study(yaml: alone) }
    let dice = lggSketch.replacing("metrics: [dice", with: "aggregate: max, metrics: [dice")
    #expect(throws: (any Error).self) { try Study(yaml: dice) }
  }
}
