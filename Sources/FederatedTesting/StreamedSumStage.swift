import FederatedCore
import Synchronization

/// The smallest stage with a stream: each site sends numbers, and the host replies with their sum so far. The
/// site's half of the answer is the last sum that it received. The host's half is the sum that the host has
/// computed.
public struct StreamedSumStage: StageProtocol {
  /// The numbers in one frame, reply or answer.
  public struct Numbers: MessageContent, Releasable, Equatable {
    public var kind: StageMessage.Kind
    public var values: [UInt32]

    public init(_ kind: StageMessage.Kind, _ values: [UInt32]) {
      self.kind = kind
      self.values = values
    }

    public var message: StageMessage { StageMessage(kind, tensors: ["values": .u32(VectorBuffer(values))]) }

    public func released(by rules: ReleaseRules) -> Numbers { self }
  }

  /// The two halves of an answer: the site's sum, and the sum of its host.
  public struct Halves: Sendable, Equatable {
    public var site: [UInt32]
    public var host: [UInt32]

    public init(site: [UInt32], host: [UInt32]) {
      self.site = site
      self.host = host
    }
  }

  public static let frame = StageMessage.Kind("summand")
  public static let reply = StageMessage.Kind("sum")
  private static let values = ["values": StageTensor.ElementType.u32]

  public let question = MessageSchema(StageMessage.Kind("streamed-sum"))
  public let answer = MessageSchema(StageMessage.Kind("total"), tensors: values)
  public let keepsAnswers = true
  public let keepsMemory = false
  private let numbers: @Sendable (SiteID) -> [[UInt32]]
  private let hostFault: ConsiliumError?
  private let breaks: Countdown

  /// - Parameters:
  ///   - hostFault: An error with which the host's half fails; `nil` for none.
  ///   - breaks: How many conversations the host breaks at their second frame.
  ///   - numbers: Returns the frames that a site sends, one vector per frame. All vectors of a site have the
  ///     same length.
  public init(
    hostFault: ConsiliumError? = nil, breaks: Int = 0, numbers: @escaping @Sendable (SiteID) -> [[UInt32]]
  ) {
    self.hostFault = hostFault
    self.breaks = Countdown(breaks)
    self.numbers = numbers
  }

  public var stream: StreamSchema? {
    StreamSchema(
      frames: [MessageSchema(Self.frame, tensors: Self.values)],
      replies: [MessageSchema(Self.reply, tensors: Self.values)], mostFrames: 4)
  }

  public func admit(_ assignment: Assignment, at site: SiteID) throws(ConsiliumError) {
    guard assignment.id.round < 100 else { throw ConsiliumError(.invalidInput, "no such round") }
  }

  public func respond(to assignment: Assignment, with tools: SiteTools) async throws -> StageDraft {
    guard let channel = tools.channel else { throw ConsiliumError(.invalidInput, "no channel") }
    var sum: [UInt32] = []
    for values in numbers(tools.site) {
      let reply = try await channel.exchange(Numbers(Self.frame, values))
      guard case .u32(let values)? = reply.tensors["values"] else { continue }
      sum = values.values
    }
    return StageDraft(Numbers(StageMessage.Kind("total"), sum))
  }

  public func check(_ answer: ReceivedMessage, to assignment: Assignment, from site: SiteID)
    throws(ConsiliumError)
  {
    try self.answer.check(answer.message)
  }

  public func makeHost(for assignment: Assignment, to site: SiteID) -> any StreamHost {
    StreamedSum(fault: hostFault, breaks: breaks)
  }

  public func makeCoordinator(for task: StageTask, from input: Int) -> Coordinator { Coordinator(task: task) }

  public struct Coordinator: StageCoordinator {
    let task: StageTask
    private var halves: [SiteID: Halves] = [:]

    init(task: StageTask) { self.task = task }

    private var id: Assignment.ID { .init(round: task.round, stage: 0) }

    public mutating func take(_ event: StageEvent) throws -> [StageAction<[SiteID: Halves]>] {
      switch event {
      case .begin:
        let message = StageMessage(StageMessage.Kind("streamed-sum"))
        return [.expect(id)] + task.plan.members.map { .ask($0, Assignment(id: id, message: message)) }
      case .answer(.message(let answer), id, let site) where task.plan.members.contains(site):
        guard case .u32(let own)? = answer.message.tensors["values"],
          case .u32(let hosts)? = answer.hostHalf?.tensors["values"]
        else { return [] }
        halves[site] = Halves(site: own.values, host: hosts.values)
        return halves.count == task.plan.members.count ? [.finish(halves)] : []
      case .answer(.failure(let error), id, let site) where task.plan.members.contains(site):
        return [.fail(error)]
      default: return []
      }
    }
  }
}

/// The number of times that something is still to happen.
final class Countdown: Sendable {
  private let rest: Mutex<Int>

  init(_ count: Int) { rest = Mutex(count) }

  /// Counts down by one. Returns false if nothing is left.
  func take() -> Bool {
    rest.withLock { rest in
      guard rest > 0 else { return false }
      rest -= 1
      return true
    }
  }
}

/// The host's half: the sum of the frames so far.
public actor StreamedSum: StreamHost {
  private let fault: ConsiliumError?
  private let breaks: Countdown
  private var sum: [UInt32] = []

  public init() {
    fault = nil
    breaks = Countdown(0)
  }

  init(fault: ConsiliumError?, breaks: Countdown) {
    self.fault = fault
    self.breaks = breaks
  }

  public func reply(to frame: StageMessage) throws -> StageMessage {
    if let fault { throw fault }
    if !sum.isEmpty, breaks.take() {
      throw BrokenConversation(ConsiliumError(.engine, "the engine was killed"))
    }
    guard case .u32(let values)? = frame.tensors["values"], sum.isEmpty || sum.count == values.count else {
      throw ConsiliumError(.invalidUpdate, "a frame of another length")
    }
    sum = sum.isEmpty ? values.values : zip(sum, values.values).map { $0 &+ $1 }
    return StreamedSumStage.Numbers(StreamedSumStage.reply, sum).message
  }

  public func finish() -> StageMessage { StreamedSumStage.Numbers(StreamedSumStage.reply, sum).message }
}
