import FederatedAlgorithms

extension WorkflowDescriptor {
  /// The workflows that a study may name. To add one, write its strategy and add a row here.
  public static let table: [WorkflowDescriptor] = [
    .init(
      "fedavg", title: "FedAvg", paper: "McMahan et al. 2017",
      round: "Then the sites' models are averaged (FedAvg)",
      summary:
        "All sites train one model together: in each round, every site trains locally, and the updates are "
        + "averaged (FedAvg)."
    ) { _ in FedAvg() },
    .init(
      "fedprox", title: "FedProx", paper: "Li et al. 2020",
      settings: [
        .init("proximal-mu", 0.01, .notNegative, "µ, the strength of the pull towards the shared model")
      ],
      round: "Sites are held close to the shared model while they train (FedProx), and then their models are "
        + "averaged",
      summary: "Like FedAvg, but each site's training is pulled towards the common model (FedProx)."
    ) { FedProx(mu: $0["proximal-mu"]) },
    .init(
      "fedadam", title: "FedAdam", paper: "Reddi et al. 2021",
      settings: [
        .init("server-learning-rate", 0.01, .positive, "η, the server's step"),
        .init("beta1", 0.9, .belowOne, "β₁, the decay of the first moment"),
        .init("beta2", 0.99, .belowOne, "β₂, the decay of the second moment"),
        .init("tau", 1e-3, .positive, "τ, the degree of adaptivity"),
      ],
      round: "Then the sites' changes are averaged and applied with an adaptive step (FedAdam)",
      summary: "Like FedAvg, with an adaptive step of the common model (FedAdam)."
    ) {
      FedAdam(
        learningRate: $0["server-learning-rate"], beta1: $0["beta1"], beta2: $0["beta2"], tau: $0["tau"])
    },
    .init(
      "scaffold", title: "SCAFFOLD", paper: "Karimireddy et al. 2020",
      settings: [.init("server-learning-rate", 1, .positive, "the server's step")],
      weighting: .equal("SCAFFOLD gives all sites the same weight, as in its paper"),
      optimizers: .plainSGD("SCAFFOLD's correction is derived for plain SGD"), aggregator: "mean",
      sent: .changesAndControlVariate,
      round:
        "Each site corrects for the direction in which its own data pull (SCAFFOLD), and then the models "
        + "are averaged",
      summary: "Like FedAvg, with control variates that correct each site's drift (SCAFFOLD)."
    ) { Scaffold(serverLearningRate: $0["server-learning-rate"]) },
    .init(
      "median", title: "Coordinate-wise median", paper: "Yin et al. 2018",
      weighting: .none("a median gives each site the same influence"),
      aggregator: "median of each coordinate",
      needsOnlySum: false,
      round: "Then the middle value of the sites' changes is taken, number by number, so that no single site "
        + "can pull the model far",
      summary: "Like FedAvg, with the median of the updates instead of their mean."
    ) { _ in FedMedian() },
    .init(
      "trimmed-mean", title: "Coordinate-wise trimmed mean", paper: "Yin et al. 2018",
      settings: [
        .init(
          "trim", 0.2, .belowHalf,
          "β, the share of the sites whose values are left out at either end, rounded down to whole sites")
      ],
      weighting: .none("a trimmed mean gives each site the same influence"),
      aggregator: "trimmed mean of each coordinate",
      needsOnlySum: false, fewestSites: { $0["trim"] > 0 ? Int(min(1 / $0["trim"], 1e6).rounded(.up)) : 1 },
      fewSites: ("no value is left out", "set a larger trim, or a larger minimum of sites"),
      round:
        "Then the smallest and the largest of the sites' changes are left out, number by number, and the rest "
        + "are averaged, so that no single site can pull the model far",
      summary:
        "Like FedAvg, without the smallest and the largest updates, number by number (trimmed mean)."
    ) { FedTrimmedMean(trim: $0["trim"]) },
    .init(
      "cyclic", title: "Cyclical weight transfer", paper: "Chang et al. 2018", exchange: .ring,
      weighting: .none("cyclical weight transfer averages nothing, so updates have no weight"),
      aggregator: "none", needsOnlySum: false, sent: .model,
      round:
        "The model travels from site to site; each trains it and passes it on (cyclical weight transfer)",
      summary: "One model travels from site to site and trains at each, in several cycles (cyclical weight "
        + "transfer)."
    ) { _ in FedAvg() },
    incremental(
      "iil", title: "Institutional incremental learning", cycles: 1,
      "in one cycle (institutional incremental learning)"),
    incremental(
      "ciil", title: "Cyclic institutional incremental learning",
      "in several cycles (cyclic institutional incremental learning)"),
  ]

  private static func incremental(_ name: String, title: String, cycles: Int? = nil, _ course: String)
    -> WorkflowDescriptor
  {
    .init(
      name, title: title, paper: "Sheller et al. 2018",
      settings: [
        .init(
          "patience", 2, .from(1, to: 10_000),
          "the number of turns without a better validation loss after which a site passes the model on"),
        .init("most-turns", 20, .from(1, to: 10_000), "the largest number of turns at a site in a cycle"),
        .init("minimum-change", 0, .notNegative, "by how much the loss must fall to be better"),
      ], exchange: .ring, cycles: cycles,
      weighting: .none("incremental learning averages nothing, so updates have no weight"),
      aggregator: "none", needsOnlySum: false, sent: .model,
      round:
        "The model travels from site to site. Each trains it in turns of this amount until its own validation loss "
        + "no longer improves, and passes on the model of its best turn, \(course)",
      summary:
        "One model travels from site to site; each trains it until its own validation loss no longer improves, "
        + "\(course)."
    ) {
      IncrementalLearning(
        patience: Int($0["patience"]), mostTurns: Int($0["most-turns"]), minimumChange: $0["minimum-change"])
    }
  }

  /// The keys of all settings, each once.
  static let settingKeys: [String] = table.flatMap(\.settings).map(\.key).reduce(into: []) { keys, key in
    if !keys.contains(key) { keys.append(key) }
  }
}
