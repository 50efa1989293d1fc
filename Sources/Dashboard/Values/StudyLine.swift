import Foundation

/// A study in one line: what it is, how far it has come and when it will end.
public struct StudyLine: Sendable, Equatable {
  /// Its name in addresses and commands.
  public var id: String
  public var title: String
  public var state: StudyState
  /// The last round that is complete; 0 before the first.
  public var round: Int
  public var rounds: Int
  public var startedAt: Date?
  /// When the last round will be complete, by forecast.
  public var expectedEnd: Date?
  /// What one should know about the state: the site that is missing, why it was aborted.
  public var note: String?
  /// The name of the study lead.
  public var lead: String?
  public var endedAt: Date?
  /// The sites that are late.
  public var late: [WaitingSite]

  public init(
    id: String, title: String, state: StudyState, round: Int = 0, rounds: Int, startedAt: Date? = nil,
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
