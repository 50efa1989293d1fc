import StudyProtocol
import Testing

@Suite struct ArchitectureCutsTests {
  @Test func everyCutOfAModelIsPermittedAndNoOther() {
    let models: [(Study.Model, cuts: [String], usual: String?)] = [
      (.init(architecture: .linear), [], nil),
      (.init(architecture: .mlp, hidden: [16]), [], nil),
      (.init(architecture: .mlp, hidden: [64, 32, 16]), ["hidden1", "hidden2"], "hidden2"),
      (.init(architecture: .cnn, channels: [16, 32, 64]), ["level1", "level2"], "level2"),
      (.init(architecture: .resnet50), ["stem", "layer1", "layer2", "layer3"], "layer2"),
      (
        .init(architecture: .densenet121), ["pool0", "transition1", "transition2", "transition3"],
        "transition2"
      ),
      (
        .init(architecture: .unet, channels: [16, 32, 64, 128], strides: [2, 2, 2]),
        ["level1", "level2", "level3"], "level2"
      ),
    ]
    for (model, cuts, usual) in models {
      #expect(model.cuts == cuts)
      #expect(model.usualCut == usual)
      for cut in cuts { #expect(model.objection(toCut: cut) == nil) }
      #expect(model.objection(toCut: "elsewhere") != nil)
    }
  }

  @Test func cutInABlockIsRefusedWithTheValidOnes() {
    let model = Study.Model(architecture: .resnet18)
    #expect(
      model.objection(toCut: "layer2.0")
        == "the model 'resnet18' cannot be cut at 'layer2.0'; expected one of stem, layer1, layer2, layer3 (a cut inside a block would "
        + "send all tensors that pass it by)")
  }

  @Test func cutAndChecksAreReadAndPartOfTheDigest() throws {
    let plain = try Study(yaml: lggSketch)
    let split = try Study(yaml: lggSketch.replacing("rounds: 20", with: "rounds: 20, split: {cut: level2}"))
    let checked = try Study(
      yaml: lggSketch.replacing("rounds: 20", with: "rounds: 20, split: {cut: level2, checks: 1}"))
    #expect(plain.federation.split == nil)
    #expect(split.federation.split == .init(cut: "level2"))
    #expect(checked.federation.split == .init(cut: "level2", checks: 1))
    #expect(try Study(canonicalJSON: checked.canonicalJSON()) == checked)
    #expect(try Set([plain, split, checked].map { try $0.digest() }).count == 3)
  }

  @Test func modelWithoutCutsAndDropoutAreRefused() {
    #expect(
      Study.Model(architecture: .mlp, hidden: [8]).objection(toCut: "hidden1")
        == "the model 'mlp' has no place where it can be cut for split learning; give it more levels")
    let dropout = Study.Model(architecture: .mlp, dropout: 0.5, hidden: [8, 8])
    #expect(
      dropout.objection(toCut: "hidden1")
        == "a split model has no dropout, since its random numbers would be divided between site and host; set model.dropout: 0"
    )
  }
}
