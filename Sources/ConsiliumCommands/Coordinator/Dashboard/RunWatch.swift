import CoordinatorService
import Foundation

/// The runs of a coordinator's studies, each read once and then only where it has grown.
actor RunWatch {
  private var watched: [String: WatchedRun] = [:]
  /// The studies in whose run nothing will change any more.
  private var complete: Set<String> = []

  /// How far the run of a study is now; empty where there is none yet.
  func run(of study: ObservedStudy) -> WatchedRun {
    let id = study.status.id
    var run = watched[id] ?? WatchedRun(study)
    guard !complete.contains(id) else { return run }
    run.catchUp()
    watched[id] = run
    // The report of an aborted study is written after the study has ended.
    if study.status.state.hasEnded, run.results != nil { complete.insert(id) }
    return run
  }
}
