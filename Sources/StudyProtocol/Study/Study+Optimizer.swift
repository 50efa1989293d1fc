extension Study.Optimizer {
  /// The reason why a workflow does not work with this local optimizer, with advice; `nil` if it does.
  ///
  /// SCAFFOLD computes a site's control variate from the path of its local steps, as (x − y)/(Kη). That is
  /// the mean gradient only for plain SGD (Karimireddy et al. 2020). With momentum, the path is up to 1/(1 −
  /// momentum) times as long. From a factor of 2 on, the control variates grow from round to round. With
  /// Adam, the length of the path is unrelated to the gradient.
  public func objection(to workflow: Study.Workflow.Name) -> String? {
    guard case .plainSGD(let reason) = workflow.descriptor.optimizers, name != .sgd || momentum > 0 else {
      return nil
    }
    let found = name == .sgd ? "sgd with momentum" : name.rawValue
    return "\(reason), and with \(found) the model does not learn; "
      + "use optimizer: {name: sgd} without momentum, or the workflow fedavg or fedprox"
  }
}
