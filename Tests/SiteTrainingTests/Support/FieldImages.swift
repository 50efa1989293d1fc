import FederatedCore
import StudyProtocol
import WorkerProtocol

@testable import SiteTraining

/// The data of a case of `Fixtures/Field`, opened as the worker opens a session of all its sites.
struct FieldImages {
  let study: Study
  let findings: [DataFinding]
  let data: SessionData?

  /// - Parameters:
  ///   - name: class and case, such as `mask-grid/good`.
  ///   - changeStudy, changeSite: changes to the case's files.
  init(
    _ name: String, sites file: String = "sites.yaml", changeStudy: (inout Study) -> Void = { _ in },
    changeSite: (inout SiteDefinition) -> Void = { _ in }
  ) throws {
    let files = try FieldCase(name, sites: file)
    var (study, sites) = (files.study, files.sites)
    changeStudy(&study)
    for index in sites.indices { changeSite(&sites[index]) }
    let request = OpenSession(
      session: "field", study: try study.canonicalJSON(), sites: try sites.map { try $0.canonicalJSON() },
      dataRoot: files.folder.path, seed: 1, cacheBytes: 1 << 24, showsValues: true)
    let loaded = try SessionLoader(request, study: study, cache: RecordCache(bound: 1 << 24))
    self.study = study
    // Leave out findings about the split: the cases have few patients.
    findings = loaded.findings.filter { $0.element != study.element(.group)?.name }
    data = loaded.data
  }

  var errors: [DataFinding] { findings.filter { $0.severity == .error } }
  var warnings: [DataFinding] { findings.filter { $0.severity == .warning } }

  /// The values and labels of all examples, in order.
  func examples() throws -> (images: [Float], masks: [UInt8]) {
    guard let data else { return ([], []) }
    let batch = try data.source.batch(ArraySlice(0..<data.source.exampleCount), augmentationSeeds: nil)
    guard case .mask(let masks) = batch.target else { return (batch.inputs, []) }
    return (batch.inputs, masks)
  }
}
