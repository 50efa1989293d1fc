/// The sizes of a study's model and of what crosses each of its cuts, as the engine found them for one
/// example of a site's data.
public struct ModelSizes: Sendable, Codable, Equatable {
  /// One place where the model can be cut.
  public struct Cut: Sendable, Codable, Equatable {
    /// The name of the cut, as in ``Study/Model/cuts``.
    public var name: String
    /// The number of the model's parameters, buffers included, that stay at a site.
    public var siteParameters: Int
    /// The number of values per example that go down to the host, and come up from it. The gradients of the
    /// way back have the same numbers.
    public var valuesDown: Int
    public var valuesUp: Int

    public init(name: String, siteParameters: Int, valuesDown: Int, valuesUp: Int) {
      self.name = name
      self.siteParameters = siteParameters
      self.valuesDown = valuesDown
      self.valuesUp = valuesUp
    }
  }

  /// The number of the model's parameters, buffers included.
  public var parameters: Int
  /// The bytes of a value that crosses a cut: 4, or 2 in bf16.
  public var bytesPerValue: Int
  /// The time of one training step of the whole model on a full batch, in seconds.
  public var stepSeconds: Double
  /// The cuts, from the input on; empty if the model cannot be cut.
  public var cuts: [Cut]

  public init(parameters: Int, bytesPerValue: Int, stepSeconds: Double, cuts: [Cut]) {
    self.parameters = parameters
    self.bytesPerValue = bytesPerValue
    self.stepSeconds = stepSeconds
    self.cuts = cuts
  }
}
