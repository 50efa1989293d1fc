import EvaluationMetrics
import FederatedCore
import Testing

@testable import SiteTraining

struct MetricEstimateTests {
  @Test(
    "Replicates leave the engine only if patients and cases suffice for an interval",
    arguments: [(11, 3, 0), (11, SmallNumbers.cases, 3), (4, 4, 0), (40, nil, 3), (4, nil, 0), (9, 0, 0)]
      as [(Int, Int?, Int)])
  func replicatesNeedCases(patients: Int, cases: Int?, kept: Int) {
    let estimate = Estimate(
      name: "c-index", value: 1, patientCount: patients, replicates: [1, 0.9, 1], caseCount: cases)
    let result = MetricEstimate(estimate)
    #expect(result.replicates.count == kept)
    #expect(result.value == 1 && result.patientCount == patients)
  }
}
