extension StudyCheck {
  /// Checks that the workflow has the settings that the study gives it, and that it is consistent with the
  /// rest of the study.
  func checkWorkflow() {
    let workflow = study.federation.workflow.name.descriptor
    for key in WorkflowDescriptor.settingKeys where workflow.setting(key) == nil {
      let path = "federation.workflow.\(key)"
      if log.has(path) {
        log.contradiction(
          "the workflow '\(workflow.name)' has no such setting", at: path, with: "federation.workflow.name")
      }
    }
    if workflow.exchange != .ring {
      refuse(
        ["order"], in: "federation.workflow",
        because: "the workflow '\(workflow.name)' has no order: its sites train at the same time",
        with: "federation.workflow.name")
    }
    checkCycles(of: workflow)
    checkSampling(of: workflow)
    checkSwarm(of: workflow)
    checkSplit()
    checkWeighting(of: workflow)
    checkSiteCount()
    if let objection = study.training.optimizer.objection(to: study.federation.workflow.name) {
      log.contradiction(objection, at: "federation.workflow", with: "training.optimizer")
    }
  }

  private func checkSplit() {
    if study.federation.split != nil, study.federation.swarm != nil {
      log.contradiction(
        "a swarm has no host for the middle of a model; remove one of the two", at: "federation.split",
        with: "federation.swarm")
    }
    if study.federation.split != nil, study.federation.workflow.name.descriptor.setting("patience") != nil {
      log.contradiction(
        "in incremental learning a site trains from models that the host does not have; use cyclic",
        at: "federation.split", with: "federation.workflow")
    }
    guard let split = study.federation.split, !split.cut.isEmpty,
      let objection = study.model.objection(toCut: split.cut)
    else { return }
    log.contradiction(objection, at: "federation.split.cut", with: "model")
  }

  private func checkSiteCount() {
    guard let count = study.federation.fewestSites(of: nil),
      let objection = study.federation.workflow.objection(toRoundsOf: count)
    else { return }
    log.contradiction(objection, at: "federation.workflow", with: "federation.sites")
  }

  private func checkCycles(of workflow: WorkflowDescriptor) {
    guard let cycles = workflow.cycles, study.federation.rounds != cycles else { return }
    log.contradiction(
      "\(workflow.title) has \(English.count(cycles, "cycle")); set rounds: \(cycles), or use ciil for more cycles",
      at: "federation.rounds", with: "federation.workflow")
  }

  private func checkSampling(of workflow: WorkflowDescriptor) {
    guard let sampling = study.federation.sampling else { return }
    let (path, sites) = ("federation.sampling", study.federation.sites)
    if workflow.exchange == .ring {
      log.contradiction(
        "in the workflow '\(workflow.name)' the model visits every site in each cycle, so no sites are drawn",
        at: path, with: "federation.workflow")
    }
    if !sites.required.isEmpty {
      log.contradiction(
        "a round has only the sites that are drawn for it, so no site can be required in every round; remove one of the two",
        at: "federation.sites.required", with: path)
    }
    if case .sites(let count) = sampling, let minimum = sites.minimum, minimum > count {
      log.contradiction(
        "a round has \(English.count(count, "site")) (federation.sampling), so it never has \(minimum)",
        at: "federation.sites.minimum", with: path)
    }
  }

  private func checkSwarm(of workflow: WorkflowDescriptor) {
    guard let swarm = study.federation.swarm else { return }
    let path = "federation.swarm"
    if workflow.exchange == .ring {
      log.contradiction(
        "in the workflow '\(workflow.name)' each site passes the model on to the next, so there is nothing to merge",
        at: path, with: "federation.workflow")
    }
    if let twice = swarm.mergers.first(where: { site in swarm.mergers.count { $0 == site } > 1 }) {
      log.add("the site '\(twice)' is named twice", at: "\(path).mergers")
    }
    if log.has("\(path).witnesses"), !swarm.mergers.isEmpty, swarm.witnesses >= swarm.mergers.count {
      log.contradiction(
        "next to the site that merges, only \(English.count(swarm.mergers.count - 1, "site")) may repeat the merge",
        at: "\(path).witnesses", with: "\(path).mergers")
    }
  }

  private func checkWeighting(of workflow: WorkflowDescriptor) {
    switch workflow.weighting {
    case .study: break
    case .equal(let reason):
      if study.federation.weighting == .classWeights {
        log.contradiction(
          "\(reason); remove it", at: "federation.weighting", with: "federation.workflow")
      }
    case .none(let reason):
      refuse(["weighting"], in: "federation", because: reason, with: "federation.workflow")
    }
    checkClassWeighting()
  }

  private func checkClassWeighting() {
    guard study.federation.weighting == .classWeights else { return }
    let path = "federation.weighting"
    if task != .classification {
      log.contradiction(
        "class-weights is for classification, where each example has one class", at: path, with: "study.task")
    } else if case .byLabel = study.training.classWeights {
      return
    } else {
      log.contradiction(
        "class-weights needs weights that all sites agree on, one for each label in training.class-weights",
        at: path, with: "training.class-weights")
    }
  }
}
