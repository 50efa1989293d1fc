import FederatedCore

/// The evaluation matrix for one metric: its entry M[i][j] is the value of model i on the test patients of
/// site j.
public struct ResultsTable: Sendable, Equatable {
  public struct Row: Sendable, Equatable {
    /// The model: `fedavg`, or `local DU`.
    public var model: String
    /// The site that trained the model alone; `nil` for a model trained together.
    public var trainedAt: SiteID?
    /// The values by site; `nil` if the site's policy withholds the value, or there are too few patients.
    public var values: [Double?]

    public init(model: String, trainedAt: SiteID? = nil, values: [Double?]) {
      self.model = model
      self.trainedAt = trainedAt
      self.values = values
    }

    /// The mean over all sites; `nil` if a site has no value, since means over different sites cannot be
    /// compared.
    var mean: Double? {
      let known = values.compactMap { $0 }.filter(\.isFinite)
      return known.isEmpty || known.count < values.count ? nil : known.reduce(0, +) / Double(known.count)
    }
  }

  /// The name of the metric, such as `dice`.
  public var metric: String
  public var sites: [SiteID]
  public var rows: [Row]

  public init(metric: String, sites: [SiteID], rows: [Row]) {
    self.metric = metric
    self.sites = sites
    self.rows = rows
  }
}
