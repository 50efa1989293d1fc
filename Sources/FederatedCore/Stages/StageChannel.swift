/// Sends one frame of a streamed question to the question's host, and returns the host's reply.
public typealias FrameExchange =
  @Sendable (_ frame: Released<StageMessage>, _ number: Int) async throws -> StageMessage

/// The site's end of a streamed question.
///
/// Every frame passes the release gate. The site's journal stores the digest of every reply before the stage
/// sees it. If the conversation breaks and is repeated, each reply must be the same as before. A dishonest
/// host therefore cannot break a conversation and try other replies on the same patients.
public actor StageChannel {
  private let schema: StreamSchema
  private let assignment: Assignment
  private let gate: ReleaseGate
  private let journal: (any SiteJournal)?
  private let send: FrameExchange
  /// The number of frames that have been sent.
  private(set) var count = 0

  /// - Parameters:
  ///   - journal: Stores the digests of the replies; `nil` in a simulation.
  ///   - send: Sends a frame over the transport and returns the host's reply.
  public init(
    _ schema: StreamSchema, of assignment: Assignment, gate: ReleaseGate, journal: (any SiteJournal)?,
    send: @escaping FrameExchange
  ) {
    self.schema = schema
    self.assignment = assignment
    self.gate = gate
    self.journal = journal
    self.send = send
  }

  /// Sends the next frame and returns the reply to it. The caller must wait for the reply before it sends
  /// another frame.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the gate refuses the frame, if the reply has
  ///   undeclared content, or if the reply differs from an earlier reply to the same frame. Errors of the
  ///   transport are thrown unchanged.
  public func exchange(_ content: some MessageContent) async throws -> StageMessage {
    let number = count
    count += 1
    let frame = try await gate.release(frame: content, number: number, of: schema)
    let reply = try await send(frame, number)
    try schema.check(reply: reply)
    guard try await journal?.pin(reply, to: number, of: assignment) ?? true else {
      throw ConsiliumError(
        .invalidUpdate,
        "the host's reply to frame \(number) of round \(assignment.id.round) differs from its earlier reply; the site "
          + "sends nothing more to this question")
    }
    return reply
  }
}
