extension Study {
  /// Split learning: the middle of the model is at a host, and its ends are at the sites (Gupta and Raskar
  /// 2018; Vepakomma et al. 2018).
  ///
  /// The model is the one of the same workflow without a split, to the last bit. The input layers and the
  /// layers with the loss stay at the site (a U-shaped split), so that neither images nor labels leave it. The
  /// activations that leave in every step are data of single patients.
  public struct SplitLearning: Codable, Sendable, Equatable {
    /// The last part of the model's beginning that a site keeps; one of ``Study/Model/cuts``.
    public var cut: String
    /// In how many steps of a turn a site checks the host: 0 or 1. It computes the middle itself up to a step that
    /// only its own random number determines, and compares to the bit, so both processors must have the same
    /// instruction sets.
    public var checks: Int

    public init(cut: String, checks: Int = 0) {
      self.cut = cut
      self.checks = checks
    }

    /// What leaves a site in each step, as sentences for the people responsible for its data.
    var disclosure: String {
      "In each step of training, the activations of the training examples at '\(cut)' leave the site: a picture-like map of each "
        + "patient's image. Images and labels stay at the site as files. But whoever hosts the middle of the model and has similar images "
        + "can rebuild much of an image from its activations, and can guess labels. Split learning is no anonymisation, and it shows more of a "
        + "single patient than an update does."
    }
  }
}
