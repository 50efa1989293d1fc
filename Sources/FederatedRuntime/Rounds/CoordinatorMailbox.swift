import FederatedCore

/// The coordinator's end of every transport. Holds each site's assignment until the site answers, and the
/// answers in order of arrival.
public actor CoordinatorMailbox {
  /// A check of an answer before it is accepted. Throws if the answer cannot be used.
  public typealias Check = @Sendable (ReceivedMessage) throws -> Void

  /// Creates the host of a conversation, the coordinator's half of a streamed question.
  public typealias OpenHost = @Sendable () throws -> any StreamHost

  /// The number of refused answers to one assignment after which its site counts as failed. Without a limit,
  /// a site that keeps sending answers that cannot be used would hold up a round that requires it.
  public static let mostRefusals = 10

  private struct Entry {
    var assignment: Assignment
    var check: Check
    var refusals = 0
    var stream: StreamSchema?
    var openHost: OpenHost
    /// How often the host has broken a conversation.
    var breaks = 0
    /// The conversation in progress; `nil` before it begins and without a stream.
    var talk: Talk?
  }

  private struct Talk {
    var id: Conversation
    var host: any StreamHost
    /// The number of the frame that the site must send next.
    var next = 0
    /// Whether the host is working on a frame or on its half of the answer.
    var isBusy = false
  }

  /// One attempt at the conversation about a streamed question.
  public struct Conversation: Sendable, Equatable {
    let question: Assignment.ID
    let site: SiteID
    let attempt: Int
  }

  private var entries: [SiteID: Entry] = [:]
  /// One signal per site, sent when the site gets an assignment and when the arm ends.
  private var news: [SiteID: Signal] = [:]
  /// The sites whose assignment was withdrawn and that have not asked for a new assignment since.
  private var absent: Set<SiteID> = []
  private var isClosed = false
  /// The number of conversations that were opened.
  private var attempts = 0
  /// The error of a host that failed; `nil` if no host failed. This error ends the mail and counts as the
  /// coordinator's failure, not a site's.
  private(set) var hostFailure: ConsiliumError?
  private let sink: AsyncStream<StageEvent>.Continuation
  /// The accepted answers and the deadlines, in order. Each answer appears once. Only one task may read this
  /// stream.
  public nonisolated let mail: AsyncStream<StageEvent>

  public init() { (mail, sink) = AsyncStream.makeStream() }

  /// Notifies the coordinator that the time for an assignment is up.
  public func postDeadline(_ id: Assignment.ID) { sink.yield(.deadline(id)) }

  /// Posts the deadline after `time`, unless the returned task is cancelled first.
  public nonisolated func postDeadline(_ id: Assignment.ID, after time: Duration) -> Task<Void, any Error> {
    Task {
      try await Task.sleep(for: time)
      await postDeadline(id)
    }
  }

  /// Gives a site an assignment, which replaces its current assignment.
  ///
  /// - Parameters:
  ///   - stream: The frames of a streamed question; `nil` for a question without a stream.
  ///   - openHost: Creates the host's half of a conversation about the question.
  public func assign(
    _ assignment: Assignment, to site: SiteID, check: @escaping Check = { _ in },
    stream: StreamSchema? = nil, openHost: @escaping OpenHost = { throw CancellationError() }
  ) {
    guard !isClosed else { return }
    entries[site] = Entry(assignment: assignment, check: check, stream: stream, openHost: openHost)
    news[site]?.send()
  }

  /// Removes a site's assignment; an answer to it is no longer accepted.
  public func withdraw(from site: SiteID) {
    if entries.removeValue(forKey: site) != nil { absent.insert(site) }
  }

  /// Whether a site's assignment was withdrawn and the site has not asked for a new assignment since. Such a
  /// site is still busy with the old assignment, or gone.
  public func isAbsent(_ site: SiteID) -> Bool { absent.contains(site) }

  /// Ends the arm: all sites that are waiting, or ask later, receive `nil`.
  public func close() {
    isClosed = true
    entries = [:]
    for signal in news.values { signal.send() }
    sink.finish()
  }

  /// Waits until the site has an assignment and returns it, or `nil` once the arm has ended or the task is
  /// cancelled.
  public func nextAssignment(for site: SiteID) async -> Assignment? {
    let signal = news[site] ?? Signal()
    news[site] = signal
    while !isClosed, !Task.isCancelled {
      let seen = signal.count
      absent.remove(site)
      if let entry = entries[site] { return entry.assignment }
      await signal.wait(after: seen)
    }
    return nil
  }

  /// Accepts an answer. Ignores repeated answers, and answers to assignments that no longer exist.
  ///
  /// - Parameter keep: Called if the answer is accepted, before anything else can happen to the assignment.
  ///   If it throws, the answer is not accepted.
  /// - Returns: Whether the answer was accepted.
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the answer cannot be used. The assignment
  ///   remains, so that the site can answer again, at most ``mostRefusals`` times. Also the errors of `keep`.
  @discardableResult
  public func submit(
    _ answer: ReceivedAnswer, to id: Assignment.ID, from site: SiteID,
    keep: @Sendable () throws -> Void = {}
  ) async throws -> Bool {
    guard let entry = entries[site], entry.assignment.id == id else { return false }
    var answer = answer
    if case .message(var message) = answer {
      do {
        try entry.check(message)
      } catch let error as ConsiliumError where error.code == .invalidUpdate {
        refuse(error, to: id, from: site)
        throw error
      }
      message = message.checked
      if entry.stream != nil {
        // Accept an answer only with the host's half. Without that half, the site keeps the question and
        // repeats the conversation.
        guard let half = try await hostHalf(of: id, from: site),
          // Meanwhile another answer may have counted.
          entries[site]?.assignment.id == id
        else { return false }
        message.hostHalf = half
      }
      answer = .message(message)
    }
    try keep()
    entries[site] = nil
    sink.yield(.answer(answer, to: id, from: site))
    return true
  }

  /// Counts an answer that cannot be used. After ``mostRefusals`` of them the site fails at its assignment.
  public func refuse(_ error: ConsiliumError, to id: Assignment.ID, from site: SiteID) {
    guard entries[site]?.assignment.id == id else { return }
    entries[site]?.refusals += 1
    guard let refusals = entries[site]?.refusals, refusals >= Self.mostRefusals else { return }
    entries[site] = nil
    let failure = ConsiliumError(
      error.code, "\(refusals) of its answers were refused, the last because \(error.message)",
      cause: error)
    sink.yield(.answer(.failure(failure), to: id, from: site))
  }

  /// The assignment that a site has to answer now.
  public func assignment(of site: SiteID) -> Assignment? { entries[site]?.assignment }

  /// The sites that have an assignment, in the order of their names.
  public var busySites: [SiteID] { entries.keys.sorted() }
}

// MARK: Streams

extension CoordinatorMailbox {
  /// Begins a conversation about a streamed question. Any earlier conversation about the question ends, and
  /// its frames are no longer accepted.
  ///
  /// - Throws: ``ConsiliumError``: `.unavailable` if the site no longer has this question; `.invalidUpdate`
  ///   if the question has no stream.
  public func openConversation(about id: Assignment.ID, with site: SiteID) throws -> Conversation {
    guard let entry = entries[site], entry.assignment.id == id else { throw Self.isOver }
    guard entry.stream != nil else {
      throw ConsiliumError(.invalidUpdate, "the question of round \(id.round) has no stream of frames")
    }
    attempts += 1
    let conversation = Conversation(question: id, site: site, attempt: attempts)
    do {
      entries[site]?.talk = Talk(id: conversation, host: try entry.openHost())
    } catch {
      throw fail(error)
    }
    return conversation
  }

  /// - Throws: ``ConsiliumError`` with code `.unavailable` if the conversation was replaced or its question
  ///   was withdrawn.
  public func checkIsCurrent(_ conversation: Conversation) throws {
    guard entries[conversation.site]?.talk?.id == conversation else { throw Self.isOver }
  }

  /// Passes a frame to the host and returns the reply.
  ///
  /// - Throws: ``ConsiliumError``: `.unavailable` if the conversation was replaced, its question was
  ///   withdrawn or the host failed; `.invalidUpdate` if the frame is out of order or has undeclared content.
  ///   ``BrokenConversation`` if the site must begin the conversation again.
  public func reply(to frame: StageMessage, number: Int, in conversation: Conversation) async throws
    -> StageMessage
  {
    let site = conversation.site
    try checkIsCurrent(conversation)
    guard let schema = entries[site]?.stream, let talk = entries[site]?.talk else { throw Self.isOver }
    guard !talk.isBusy, number == talk.next else {
      throw ConsiliumError(
        .invalidUpdate,
        "frame \(number) of site '\(site)' is out of order; expected frame \(talk.next)")
    }
    try schema.check(frame: frame, number: number)
    entries[site]?.talk?.isBusy = true
    let reply = try await result(of: conversation) { try await talk.host.reply(to: frame) }
    entries[site]?.talk?.next += 1
    return reply
  }

  /// The host's half of an answer; `nil` if the site answered without a complete conversation.
  private func hostHalf(of id: Assignment.ID, from site: SiteID) async throws -> StageMessage? {
    guard let talk = entries[site]?.talk, talk.id.question == id, !talk.isBusy, talk.next > 0 else {
      return nil
    }
    entries[site]?.talk?.isBusy = true
    do {
      return try await result(of: talk.id) { try await talk.host.finish() }
    } catch let error as ConsiliumError where error.code == .unavailable {
      return nil
    }
  }

  /// Runs the work of a host. Checks afterwards that no newer conversation has replaced its conversation.
  private func result(
    of conversation: Conversation, _ work: @Sendable () async throws -> StageMessage
  ) async throws -> StageMessage {
    let result: StageMessage
    do {
      result = try await work()
    } catch let error as ConsiliumError where error.code == .invalidUpdate {
      throw error
    } catch let broken as BrokenConversation {
      try checkIsCurrent(conversation)
      // The site begins again. A host that breaks time and again fails.
      entries[conversation.site]?.talk = nil
      entries[conversation.site]?.breaks += 1
      let breaks = entries[conversation.site]?.breaks ?? 0
      throw breaks < BrokenConversation.mostAttempts ? broken : fail(broken.cause)
    } catch {
      throw fail(error)
    }
    try checkIsCurrent(conversation)
    entries[conversation.site]?.talk?.isBusy = false
    return result
  }

  /// Ends the run because of a failure of a host, which is not the fault of a site.
  private func fail(_ error: any Error) -> ConsiliumError {
    if !(error is CancellationError) {
      hostFailure = ConsiliumError(wrapping: error)
      sink.finish()
    }
    return Self.isOver
  }

  private static var isOver: ConsiliumError {
    ConsiliumError(.unavailable, "the conversation is over: its question was withdrawn or asked again")
  }
}
