/// One question of a stage to one site.
///
/// An assignment depends only on the plan, the arm's state and the sets of sites that were committed before.
/// So every node that coordinates the stage asks the same question, and a site that has already answered
/// sends the same bytes again.
public struct Assignment: Sendable {
  /// An assignment's id, unique for one site within an arm.
  public struct ID: Hashable, Sendable, Codable {
    public var round: Int
    /// The index of the stage in the round's plan; `nil` for an evaluation, which follows the stages.
    public var stage: Int?
    /// The position of the question among the questions of the stage, from 0.
    public var question: Int

    public init(round: Int, stage: Int?, question: Int = 0) {
      self.round = round
      self.stage = stage
      self.question = question
    }
  }

  public var id: ID
  public var message: StageMessage
  /// The most recent earlier round to which this site contributed; `nil` if there is none. The stage starts
  /// from the memory that the stage kept at the site after that round.
  public var previousRound: Int?
  /// The digest of each tensor's file, in hexadecimal, by the tensor's name. Empty for a message that never
  /// left the process.
  public var files: [String: String]
  /// The coordinator's signed round manifests, as JSON. They prove that the question's model is the result of
  /// the arm's rounds. Empty for a message that never left the process.
  public var proof: [UInt8]
  /// In a stage of a ring after the first, the sites' signed contributions that lead from the model before the
  /// round to the question's model, as JSON.
  public var contributions: [UInt8]

  public init(
    id: ID, message: StageMessage, previousRound: Int? = nil, files: [String: String] = [:],
    proof: [UInt8] = [], contributions: [UInt8] = []
  ) {
    self.proof = proof
    self.contributions = contributions
    self.id = id
    self.message = message
    self.previousRound = previousRound
    self.files = files
  }
}

extension Assignment {
  /// A text that is equal for two assignments if and only if they ask the same: it contains the id, the kind,
  /// the facts and the files.
  public var identity: String {
    var lines = ["\(message.kind) \(id.round) \(id.stage.map(String.init) ?? "-") \(id.question)"]
    for (name, file) in files.sorted(by: { $0.key < $1.key }) { lines.append("\(name): \(file)") }
    for (name, tensor) in message.tensors.sorted(by: { $0.key < $1.key }) where files[name] == nil {
      lines.append("\(name): \(tensor.elementType.rawValue) \(tensor.littleEndianBytes)")
    }
    return (lines + message.exactFacts).joined(separator: "\n")
  }
}

extension StageMessage {
  /// Bytes that are equal for two messages without parameters if and only if the messages are equal. They
  /// contain the kind, the facts and the elements of the tensors.
  public var exactBytes: [UInt8] {
    var bytes = Array((["\(kind)"] + exactFacts).joined(separator: "\n").utf8)
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      bytes += Array("\n\(name): \(tensor.elementType.rawValue) \(tensor.count)\n".utf8)
      bytes += tensor.littleEndianBytes
    }
    return bytes
  }

  /// One line for each fact, in the order of the facts' names.
  fileprivate var exactFacts: [String] {
    facts.sorted(by: { $0.key < $1.key }).map { "\($0): \($1.exactText)" }
  }
}

extension Fact {
  /// The type and the value of the fact as a text that differs for any two different facts. It contains every
  /// bit of a real number and the length of every text.
  fileprivate var exactText: String {
    func exact(_ text: String) -> String { "\(text.utf8.count) \(text)" }
    let value =
      switch self {
      case .integer(let value): "\(value)"
      case .real(let value): "\(value.bitPattern)"
      case .text(let value): exact(value)
      case .integers(let values): "\(values)"
      case .reals(let values): "\(values.map(\.bitPattern))"
      case .texts(let values): values.map(exact).joined(separator: " ")
      }
    return "\(type) \(value)"
  }
}
