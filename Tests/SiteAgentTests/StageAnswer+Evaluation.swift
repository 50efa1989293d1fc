import FederatedCore

/// An evaluation, released by a site without a policy.
func answer(
  _ patients: Int, _ metrics: [MetricEstimate] = [], examples: Int? = nil, to assignment: Assignment
) async throws -> StageAnswer {
  let evaluation = SiteEvaluation(
    patientCount: patients, exampleCount: examples ?? patients, loss: nil, metrics: metrics)
  return .message(
    try await ReleaseGate().release(
      StageDraft(evaluation), answering: assignment, as: SiteEvaluation.schema))
}
