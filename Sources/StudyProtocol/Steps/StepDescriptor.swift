/// What a step of preprocessing or augmentation is called and which keys it has.
public struct StepDescriptor: Sendable {
  /// The inputs that a step changes.
  public enum Inputs: String, Sendable { case images, tables }

  /// A key in the step's mapping.
  public struct Key: Sendable {
    public enum Presence: Sendable, Equatable {
      case required
      /// The meaning of the key says when it may be there.
      case optional
      /// As it would be written in a study file.
      case defaultValue(String)
    }

    public let name: String
    public let presence: Presence
    /// What the key holds, as a noun phrase.
    public let meaning: String

    init(_ name: String, _ presence: Presence, _ meaning: String) {
      self.name = name
      self.presence = presence
      self.meaning = meaning
    }
  }

  /// The step's name in study files, for example `crop-or-pad`.
  public let name: String
  /// What the step does, as a verb phrase: `crops or pads about the centre`.
  public let effect: String
  public let inputs: Inputs
  /// Whether a second step of this name has no meaning.
  public let isUnique: Bool
  /// The keys in the order in which they are read.
  public let keys: [Key]
  /// The value of the step in a valid study file, for example `{size: [64, 64]}`.
  public let example: String

  init(
    _ name: String, effect: String, inputs: Inputs = .images, isUnique: Bool = false, keys: [Key],
    example: String
  ) {
    self.name = name
    self.effect = effect
    self.inputs = inputs
    self.isUnique = isUnique
    self.keys = keys
    self.example = example
  }
}
