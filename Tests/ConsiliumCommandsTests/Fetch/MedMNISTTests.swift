import FederatedCore
import Testing

@testable import ConsiliumCommands

@Suite struct MedMNISTTests {
  @Test(arguments: MedMNIST.all)
  func digestsAreWellFormed(set: MedMNIST) {
    #expect(set.sizes == (set.name.hasSuffix("3d") ? [28, 64] : [28, 64, 128, 224]))
    for digest in set.md5.values { #expect(digest.wholeMatch(of: /[0-9a-f]{32}/) != nil) }
  }

  @Test func digestsAreAllDifferent() {
    let digests = MedMNIST.all.flatMap { $0.md5.values }
    #expect(MedMNIST.all.count == 18)
    #expect(Set(digests).count == digests.count)
  }

  @Test func filesAreNamedAsPublished() throws {
    let set = try MedMNIST.named("PneumoniaMNIST")
    #expect(try set.file(size: 28).name == "pneumoniamnist.npz")
    #expect(try set.file(size: 28).digest == .md5("28209eda62fecd6e6a2d98b1501bb15f"))
    #expect(try set.file(size: 224).name == "pneumoniamnist_224.npz")
  }

  @Test func rejectsUnknownNamesAndSizes() {
    #expect(throws: ConsiliumError.self) { try MedMNIST.named("pneumonia") }
    #expect(throws: ConsiliumError.self) { try MedMNIST.named("organmnist3d").file(size: 224) }
  }
}
