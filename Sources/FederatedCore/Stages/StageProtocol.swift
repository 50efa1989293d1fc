/// One kind of work that a coordinator and sites do together, written as a conversation. One file contains
/// the coordinator's half and the site's half.
///
/// The site's half answers questions. The coordinator's half decides which sites to ask and evaluates their
/// answers. The coordinator's half is a pure value, so tests can run it in every order of arrival and stop it
/// at every step. Knowledge about one kind of work stays in its stage: hosts, transports, journals and logs
/// depend only on kinds and digests. `StageLaws` in FederatedTesting checks the laws that every stage must
/// obey.
public protocol StageProtocol: Sendable {
  /// The input of the coordinator's half, such as the arm's model.
  associatedtype Input: Sendable
  associatedtype Coordinator: StageCoordinator

  /// The permitted content of questions. Its kind names the stage.
  var question: MessageSchema { get }
  /// The permitted content of answers.
  var answer: MessageSchema { get }
  /// Whether the site's journal must store the answers, because they depend on files or on a memory of the
  /// site. If not, the same question always has the same answer, even if it is computed again.
  var keepsAnswers: Bool { get }
  /// Whether the stage keeps a memory at the site: a state that lasts from one answer to the next.
  var keepsMemory: Bool { get }
  /// Whether the study can continue without the answer of a site that refuses a second question. If not, the
  /// site waits for a person instead of reporting a failure, which would end the study.
  var isDispensable: Bool { get }
  /// The frames and replies that a site and the host of a streamed question may exchange while the site works
  /// on the question; `nil` for a stage without a stream.
  var stream: StreamSchema? { get }

  /// Refuses a question that is not part of the signed study. Called at the site.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that says what was asked.
  func admit(_ assignment: Assignment, at site: SiteID) throws(ConsiliumError)

  /// The site's half: does the work and returns the result, which the gate then checks.
  ///
  /// - Throws: ``ConsiliumError`` if the site cannot do the work.
  func respond(to assignment: Assignment, with tools: SiteTools) async throws -> StageDraft

  /// Refuses an unusable answer. Called at the coordinator before the answer is accepted, so that an honest
  /// site can answer again.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate`.
  func check(_ answer: ReceivedMessage, to assignment: Assignment, from site: SiteID) throws(ConsiliumError)

  /// Creates the host of one streamed question. Called at the start of each conversation. A stage whose host
  /// needs an engine holds the engine in a property.
  func makeHost(for assignment: Assignment, to site: SiteID) throws -> any StreamHost

  /// Creates the coordinator's half of one run of the stage. Called before the first question.
  func makeCoordinator(for task: StageTask, from input: consuming Input) -> Coordinator
}

/// The tools that a site provides to a stage: its trainer, the stage's memory, and the channel to the host of
/// a streamed question.
public struct SiteTools: Sendable {
  public var site: SiteID
  public var trainer: any LocalTrainer
  /// The state that the stage kept at the site after an earlier answer; `nil` if nothing is stored.
  public var memory: NamedParts?
  /// The channel to the host of a streamed question; `nil` for a stage without a stream.
  public var channel: StageChannel?

  public init(
    site: SiteID, trainer: any LocalTrainer, memory: NamedParts? = nil, channel: StageChannel? = nil
  ) {
    self.site = site
    self.trainer = trainer
    self.memory = memory
    self.channel = channel
  }
}

/// One run of a stage: its round, its participants, and how many answers it needs.
public struct StageTask: Sendable {
  public var round: Int
  /// The plan of the exchange: which sites are asked, in which order, and by which node.
  public var plan: ExchangePlan
  /// The sites that must answer.
  public var required: Set<SiteID>
  /// The minimum number of sites that must answer.
  public var minimum: Int
  /// The maximum number of sites that work on an assignment or whose answer is not yet combined. It limits
  /// the memory that answers need.
  public var concurrency: Int
  /// The most recent round to which each site contributed.
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

/// The coordinator's half of a stage: a pure value without clock, files or network.
///
/// Problems that a site can cause become actions: the site is dropped, or the stage fails with a reason. Only
/// failures of the run itself are thrown.
public protocol StageCoordinator<Outcome>: Sendable {
  associatedtype Outcome: Sendable

  /// Handles the next event.
  ///
  /// - Returns: The actions for the stage host, in order. If `.finish` or `.fail` is among them, it is the
  ///   last.
  /// - Throws: ``ConsiliumError`` if the run cannot continue.
  mutating func take(_ event: StageEvent) throws -> [StageAction<Outcome>]
}

/// An event to which a stage's coordinator responds.
public enum StageEvent: Sendable {
  /// The stage begins. This is always the first event.
  case begin
  /// A site has answered or has reported a failure.
  case answer(ReceivedAnswer, to: Assignment.ID, from: SiteID)
  /// The deadline for answers to this question has passed.
  case deadline(Assignment.ID)
  /// The stage is bound to this set of sites from this question on. The set differs from the proposed set if
  /// another coordinator committed a set first.
  case committed(Assignment.ID, [SiteID])
}

/// An action that a stage's coordinator requests from its stage host.
public enum StageAction<Outcome: Sendable>: Sendable {
  /// Expect answers to a new question. Its deadline starts to run.
  case expect(Assignment.ID)
  case ask(SiteID, Assignment)
  /// Withdraw the question from this site, and stop waiting for its answer.
  case withdraw(SiteID)
  /// Commit the set of sites on which all later questions of the stage depend, before any of these questions
  /// is asked.
  case commit(Assignment.ID, [SiteID])
  case note(StageNote)
  case finish(Outcome)
  /// The stage cannot be completed as the study requires.
  case fail(ConsiliumError)
}

/// A progress report of a stage, for observers.
public enum StageNote: Sendable {
  /// A site was asked to train.
  case started(SiteID)
  case trained(SiteID, TrainingSummary)
  case evaluated(SiteID, SiteEvaluation)
  case dropped(SiteID, reason: String)
}

extension StageProtocol {
  public var isDispensable: Bool { false }
  public var stream: StreamSchema? { nil }

  public func makeHost(for assignment: Assignment, to site: SiteID) throws -> any StreamHost {
    throw ConsiliumError(
      .invalidInput, "a question of the kind '\(assignment.message.kind)' has no stream of frames")
  }
}
