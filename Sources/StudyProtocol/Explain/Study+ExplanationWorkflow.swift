extension Study {
  /// Explains who combines the updates in a swarm; empty if the study does not ask for one.
  var swarmText: String {
    guard let swarm = federation.swarm else { return "" }
    let names = swarm.mergers.map(\.rawValue)
    let (merger, silence) =
      switch names.count {
      case 0: ("one of the sites does it, in an order that nobody chooses", "the next one takes over")
      case 1: ("the site \(names[0]) does it", "the round waits for it")
      default:
        ("one of \(English.list(names)) does it, in an order that nobody chooses", "the next one takes over")
      }
    return """
      The sites form a swarm: there is no central server that combines their contributions. In each round \(merger). If that site \
      is silent for \(English.count(swarm.lease, "second")), \(silence). \(checks(in: swarm)) The model is the same as with a server.
      """
  }

  private func checks(in swarm: Swarm) -> String {
    let end = "differs, the study stops and names the site that merged."
    switch swarm.witnesses {
    case 0: return "Nobody repeats the merge, so an error in it is not noticed."
    case _ where swarm.mergers.count == 1: return "No other site may merge, so nobody repeats the merge."
    case 1: return "Another site repeats the merge; if its model \(end)"
    case let count: return "\(count) other sites repeat the merge; if a model \(end)"
    }
  }

  /// Explains the course of a round.
  var workflowText: String {
    let workflow = federation.workflow.name.descriptor
    switch workflow.weighting {
    case .study: return "\(workflow.round); \(share)."
    case .equal: return "\(workflow.round); each site has the same weight."
    case .none: return "\(workflow.round).\(order)"
    }
  }

  private var order: String {
    guard federation.workflow.name.descriptor.exchange == .ring, federation.workflow.order != .fixed else {
      return ""
    }
    return " The order of the sites is \(federation.workflow.order.meaning)."
  }

  private var share: String {
    switch federation.weighting {
    case .samples: "each site is weighted by its number of training examples"
    case .equal: "each site has the same weight"
    case .classWeights: "each site is weighted by its training examples, each with the weight of its class"
    }
  }

  /// States the settings of the workflow; empty if it has none.
  var settingsText: String {
    let workflow = federation.workflow
    let settings = workflow.name.descriptor.settings.map {
      "\($0.key) is \((workflow.settings[$0.key] ?? $0.defaultValue).short) (\($0.meaning))"
    }
    guard !settings.isEmpty else { return "" }
    let few = workflow.fewestSites > 1
    return "In this workflow, \(English.list(settings))."
      + (few
        ? " In a round of fewer than \(workflow.fewestSites) sites, \(workflow.name.descriptor.fewSites.what)."
        : "")
  }
}

extension WorkflowDescriptor.Sent {
  /// What a site sends in each round, in words.
  ///
  /// - Parameter site: `the site` or `this site`.
  func words(for site: String) -> String {
    switch self {
    case .changes: "the changes that training has made to the model's parameters"
    case .changesAndControlVariate:
      "the changes that training has made to the model's parameters and to the site's correction of its drift"
    case .model: "the model as \(site) has trained it"
    }
  }
}
