import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Testing

/// The smallest stage with two questions: every site names a number and then receives the sum of all numbers.
private struct SumStage: StageProtocol {
  static let number = FactKey<Int>("number")

  let question = MessageSchema(StageMessage.Kind("add")).with(number)
  let answer = MessageSchema(StageMessage.Kind("sum")).with(number)
  let keepsAnswers = false
  let keepsMemory = false

  func admit(_ assignment: Assignment, at site: SiteID) {}

  func respond(to assignment: Assignment, with tools: SiteTools) -> StageDraft {
    let own = Int(tools.site.rawValue.dropFirst()) ?? 0
    return StageDraft(Number(value: (assignment.message[Self.number] ?? 0) + own))
  }

  func check(_ answer: ReceivedMessage, to assignment: Assignment, from site: SiteID) throws(ConsiliumError) {
    _ = try answer.message.count(Self.number)
  }

  func makeCoordinator(for task: StageTask, from input: Int) -> Coordinator { Coordinator(task: task) }

  struct Number: MessageContent, Releasable {
    var value: Int
    var message: StageMessage {
      var message = StageMessage(StageMessage.Kind("sum"))
      message[number] = value
      return message
    }
    func released(by rules: ReleaseRules) -> Number { self }
  }

  struct Coordinator: StageCoordinator {
    let task: StageTask
    var numbers: [SiteID: Int] = [:]
    var question = 0

    private var id: Assignment.ID { .init(round: task.round, stage: 0, question: question) }

    private func ask(_ sites: [SiteID], _ number: Int) -> [StageAction<[SiteID: Int]>] {
      var message = StageMessage(StageMessage.Kind("add"))
      message[SumStage.number] = number
      return [.expect(id)] + sites.map { .ask($0, Assignment(id: id, message: message)) }
    }

    mutating func take(_ event: StageEvent) -> [StageAction<[SiteID: Int]>] {
      switch event {
      case .begin: return ask(task.plan.members, 0)
      case .answer(.message(let answer), id, let site):
        numbers[site] = answer.message[SumStage.number]
        guard numbers.count == task.plan.members.count else { return [] }
        return question == 0 ? [.commit(id, numbers.keys.sorted())] : [.finish(numbers)]
      case .deadline(id) where question == 0: return [.commit(id, numbers.keys.sorted())]
      case .deadline(id): return [.finish(numbers)]
      case .committed(id, let sites):
        let sum = sites.compactMap { numbers[$0] }.reduce(0, +)
        (question, numbers) = (1, [:])
        return ask(sites, sum)
      default: return []
      }
    }
  }
}

struct StageHostTests {
  private let sites = ["s1", "s2", "s4"].map { SiteID($0) }
  private let trainer = ReferenceTrainer.sites(1)[0]

  private func run(
    _ plan: ExchangePlan, as node: Node = .server, sites: [SiteID], deadline: Duration? = nil,
    journal: any RoundJournal = InMemoryJournal()
  ) async throws -> [SiteID: Int] {
    let mailbox = CoordinatorMailbox()
    let host = StageHost(
      node: node, arm: "arm", mailbox: mailbox, deadline: deadline, journal: journal, notes: { _ in })
    return try await withThrowingTaskGroup(of: Void.self) { group in
      for site in sites {
        let session = SiteSession(
          site: site, stages: StageRegistry([SumStage()]), trainer: trainer, gate: ReleaseGate())
        group.addTask { try await session.serve(over: InProcessTransport(mailbox)) }
      }
      var mail = mailbox.mail.makeAsyncIterator()
      let result: Result<[SiteID: Int], any Error>
      do {
        result = .success(try await host.run(SumStage(), StageTask(round: 1, plan: plan), from: 0, &mail))
      } catch {
        result = .failure(error)
      }
      await mailbox.close()
      try await group.waitForAll()
      return try result.get()
    }
  }

  @Test func aSecondQuestionDependsOnTheCommittedSet() async throws {
    let plan = ExchangePlan(stages: [.init(members: sites)])
    #expect(try await run(plan, sites: sites) == [sites[0]: 8, sites[1]: 9, sites[2]: 11])
  }

  /// A site is absent before the coordinator restarts and present afterwards. The coordinator must repeat its
  /// questions exactly.
  @Test func committedSetSurvivesARestartOfTheCoordinator() async throws {
    let plan = ExchangePlan(stages: [.init(members: sites)])
    let journal = InMemoryJournal()
    let two = Array(sites.prefix(2))
    let first = try await run(plan, sites: two, deadline: .seconds(1), journal: journal)
    #expect(first == [sites[0]: 4, sites[1]: 5])
    let again = try await run(plan, sites: sites, deadline: .seconds(1), journal: journal)
    #expect(again == first)
  }

  @Test func hostRunsOnlyStagesWhosePlanNamesIt() async throws {
    let lead = Node.site(sites[1])
    for coordinators in [[lead], [.site(sites[0]), lead]] as [[Node]] {
      let plan = ExchangePlan(stages: [.init(members: sites, coordinators: coordinators)])
      #expect(try await run(plan, as: lead, sites: sites).count == 3)
      let error = await #expect(throws: ConsiliumError.self) { try await run(plan, sites: sites) }
      #expect(error?.message.contains("another party coordinates") == true)
    }
  }

  @Test func unknownKindOfQuestionIsAFailureOfTheSite() async throws {
    let transport = OneAssignment(
      Assignment(id: .init(round: 1, stage: 0), message: StageMessage(StageMessage.Kind("shares"))))
    let session = SiteSession(
      site: sites[0], stages: StageRegistry([SumStage()]), trainer: trainer, gate: ReleaseGate())
    try await session.serve(over: transport)
    guard case .failure(let released)? = await transport.answer else { throw ConsiliumError(.engine, "none") }
    #expect(released.content.message.contains("work of the kind 'shares'"))
  }
}

private actor OneAssignment: SiteTransport {
  private var assignment: Assignment?
  private(set) var answer: StageAnswer?

  init(_ assignment: Assignment) { self.assignment = assignment }

  func nextAssignment(for site: SiteID) -> Assignment? {
    defer { assignment = nil }
    return assignment
  }

  func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) { self.answer = answer }
}
