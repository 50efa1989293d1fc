import CoordinatorService
import Foundation

/// The runs of a coordinator's studies. Each run is read once; later, only its new part is read.
actor RunWatch {
  private var watched: [String: WatchedRun] = [:]
  /// The studies whose run will not change any more.
  private var complete: Set<String> = []

  /// Returns the current state of a study's run; empty if there is no run yet.
  func run(of study: ObservedStudy) -> WatchedRun {
    let id = study.status.id
    var run = watched[id] ?? WatchedRun(study.run)
    guard !complete.contains(id) else { return run }
    run.catchUp()
    watched[id] = run
    // An aborted study's report is written only after the study has ended.
    if study.status.state.hasEnded, run.results != nil { complete.insert(id) }
    return run
  }
}
