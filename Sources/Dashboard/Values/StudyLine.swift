import Foundation

/// A summary of a study: its title, its progress and its expected end.
public struct StudyLine: Sendable, Equatable {
  /// The study's name in addresses and commands.
  public var id: String
  public var title: String
  public var state: ShownStudyState
  /// The last completed round; 0 before the first.
  public var round: Int
  public var rounds: Int
  public var startedAt: Date?
  /// The estimated time at which the last round will be complete.
  public var expectedEnd: Date?
  /// A remark on the state: the missing site, or the reason for aborting.
  public var note: String?
  /// The name of the study lead.
  public var lead: String?
  public var endedAt: Date?
  /// The sites that are late.
  public var late: [WaitingSite]

  public init(
    id: String, title: String, state: ShownStudyState, round: Int = 0, rounds: Int, startedAt: Date? = nil,
    expectedEnd: Date? = nil, note: String? = nil, lead: String? = nil, endedAt: Date? = nil,
    late: [WaitingSite] = []
  ) {
    self.id = id
    self.title = title
    self.state = state
    self.note = note
    self.round = round
    self.rounds = rounds
    self.startedAt = startedAt
    self.expectedEnd = expectedEnd
    self.lead = lead
    self.endedAt = endedAt
    self.late = late
  }
}
