extension Study {
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
