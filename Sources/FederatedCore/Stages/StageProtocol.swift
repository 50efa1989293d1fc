/// One kind of work that a coordinator and sites do together, as a conversation: both halves, in one file.
///
/// The half at the sites answers questions. The half at the coordinator decides whom to ask and what the answers
/// mean; it is a pure value, so it can be run in every order of arrival and stopped at every step. What only one
/// kind of work knows stays in its stage: hosts, transports, journals and logs act on kinds and digests.
/// `StageLaws` in FederatedTesting holds what every stage obeys.
public protocol StageProtocol: Sendable {
  /// What the coordinator's half starts from, such as the arm's model.
  associatedtype Input: Sendable
  associatedtype Coordinator: StageCoordinator

  /// What questions may hold. Its kind names the stage.
  var question: MessageSchema { get }
  /// What answers may hold.
  var answer: MessageSchema { get }
  /// Whether the site keeps its answers. If not, the same question gives the same answer, which is worked out
  /// again after a crash.
  var keepsAnswers: Bool { get }
  /// Whether the stage keeps a memory at the site from one answer to the next.
  var keepsMemory: Bool { get }

  /// Refuses a question that the signed study does not contain. Called at the site.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that says what was asked.
  func admit(_ assignment: Assignment, at site: SiteID) throws(ConsiliumError)

  /// The half at a site: does the work and hands the result to the gate.
  ///
  /// - Throws: ``ConsiliumError``: the site's failure at this assignment.
  func respond(to assignment: Assignment, with tools: SiteTools) async throws -> StageDraft

  /// Refuses an answer that cannot be used. Called at the coordinator before the answer counts, so that an
  /// honest site can answer again.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate`.
  func check(_ answer: ReceivedMessage, to assignment: Assignment, from site: SiteID) throws(ConsiliumError)

  /// The half at the coordinator, before the first question.
  func makeCoordinator(for task: StageTask, from input: consuming Input) -> Coordinator
}

/// What a site offers to the stages that run there.
public struct SiteTools: Sendable {
  public var site: SiteID
  public var trainer: any LocalTrainer
  /// What the stage kept at the site after an earlier answer; `nil` if there is nothing.
  public var memory: NamedParts?

  public init(site: SiteID, trainer: any LocalTrainer, memory: NamedParts? = nil) {
    self.site = site
    self.trainer = trainer
    self.memory = memory
  }
}

/// One run of a stage: when, with whom, and what counts as enough.
public struct StageTask: Sendable {
  public var round: Int
  /// Who is asked, in which order, and by whom.
  public var plan: ExchangePlan
  /// The sites whose answer must not be missing.
  public var required: Set<SiteID>
  /// The fewest sites that must answer.
  public var minimum: Int
  /// The most sites that may hold an assignment or an answer that is not yet folded; bounds memory.
  public var concurrency: Int
  /// The last round to which each site contributed.
  public var previousRounds: [SiteID: Int]

  public init(
    round: Int, plan: ExchangePlan, required: Set<SiteID> = [], minimum: Int = 1, concurrency: Int = .max,
    previousRounds: [SiteID: Int] = [:]
  ) {
    self.round = round
    self.plan = plan
    self.required = required
    self.minimum = minimum
    self.concurrency = concurrency
    self.previousRounds = previousRounds
  }
}

/// The half of a stage at its coordinator: a pure value without clock, files or network.
///
/// What a site can cause is an action: the site is dropped, or the stage fails with a reason. Throwing is for
/// failures of the run itself.
public protocol StageCoordinator<Outcome>: Sendable {
  associatedtype Outcome: Sendable

  /// Takes the next event.
  ///
  /// - Returns: what the host does, in order. After `.finish` and `.fail` nothing follows.
  /// - Throws: ``ConsiliumError`` if the run cannot go on.
  mutating func take(_ event: StageEvent) throws -> [StageAction<Outcome>]
}

/// What happens to a stage.
public enum StageEvent: Sendable {
  /// The first event.
  case begin
  /// A site's answer, or its failure.
  case answer(ReceivedAnswer, to: Assignment.ID, from: SiteID)
  /// The time for the answers to this question is up.
  case deadline(Assignment.ID)
  /// The set of sites to which the stage is held from this question on. It may differ from the set that was
  /// proposed, if another coordinator proposed one first.
  case committed(Assignment.ID, [SiteID])
}

/// What a stage's coordinator wants done.
public enum StageAction<Outcome: Sendable>: Sendable {
  /// A question begins: its time starts to run.
  case expect(Assignment.ID)
  case ask(SiteID, Assignment)
  /// A site's answer is no longer waited for.
  case withdraw(SiteID)
  /// Keeps the set of sites on which all later questions of the stage depend, before one of them is asked.
  case commit(Assignment.ID, [SiteID])
  case note(StageNote)
  case finish(Outcome)
  /// The stage cannot be completed as the study demands.
  case fail(ConsiliumError)
}

/// What a stage tells those who watch.
public enum StageNote: Sendable {
  /// A site was asked to train.
  case started(SiteID)
  case trained(SiteID, TrainingSummary)
  case evaluated(SiteID, SiteEvaluation)
  case dropped(SiteID, reason: String)
}
