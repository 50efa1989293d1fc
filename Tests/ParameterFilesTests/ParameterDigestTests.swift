import FederatedCore
import ParameterFiles
import Testing

struct ParameterDigestTests {
  let model = ModelParameters(layout: fixtureLayout, values: fixtureValues)

  /// The expected digits are printed by Fixtures/make_fixtures.py.
  @Test func digestMatchesItsDocumentation() {
    #expect(
      ParameterDigest.sha256(of: model) == "12a9c3151dbaeff92ce1c98c8161d5b45916afb2bd3d7f004f0175c03305b86d")
  }

  @Test func dependsOnValuesNamesShapesRolesAndParts() {
    var other = model
    other.scale(by: 1.0000001)
    var layouts: [ParameterLayout] = []
    for change in [
      { (entry: inout ParameterLayout.Entry) in entry.name = "conv.weights" }, { $0.shape = [1, 2, 3] },
      { $0.role = .buffer },
    ] {
      var entries = fixtureLayout.entries
      change(&entries[0])
      layouts.append(ParameterLayout(entries: entries))
    }
    let variants =
      [model, other] + layouts.map { ModelParameters(layout: $0, values: fixtureValues) }
    var digests = variants.map { ParameterDigest.sha256(of: $0) }
    digests.append(ParameterDigest.sha256(of: NamedParts(names: ["control"], parts: [model])))
    #expect(Set(digests).count == 6)
  }
}
