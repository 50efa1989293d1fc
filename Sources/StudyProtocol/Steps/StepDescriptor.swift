/// The name and the keys of a step of preprocessing or augmentation.
public struct StepDescriptor: Sendable {
  /// The inputs that a step changes.
  public enum Inputs: String, Sendable { case images, tables }

  /// A key in the step's mapping.
  public struct Key: Sendable {
    public enum Presence: Sendable, Equatable {
      case required
      /// The key is optional; ``meaning`` states when it is allowed.
      case optional
      /// The key has this default, as written in a study file.
      case defaultValue(String)
    }

    public let name: String
    public let presence: Presence
    /// What the key specifies, as a noun phrase.
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
  /// Whether a study may have only one step of this name, because a second would have no effect.
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
