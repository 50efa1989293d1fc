import CoordinatorService
import Dashboard
import Testing

@testable import CoordinatorDashboard

struct StudyWordsTests {
  @Test func everyPhaseHasTheStateOfItsName() {
    for phase in StudyPhase.allCases {
      #expect(ShownStudyState(phase).rawValue == phase.rawValue)
    }
    #expect(Set(StudyPhase.allCases.map { ShownStudyState($0) }) == Set(ShownStudyState.allCases))
  }
}
