import Testing

@testable import Phantom

struct ScannerTests {
  @Test(arguments: Scanner.standard.map(\.site))
  func lesionsLieInTheHeadAndAreBright(site: String) throws {
    let scanner = try scanner(site)
    var generator = SeededGenerator(state: 11)
    let head = Head(age: 50, lesionSizes: [20, 15], using: &generator)
    let examination = scanner.scan(head, using: &generator)
    let lesion = zip(examination.image, examination.mask).filter { $0.1 == 1 }.map { Double($0.0) }
    #expect(lesion.count > 10)
    // The mean of white matter is `gain`; noise alone has a mean of about 1.25 times its standard deviation.
    #expect(mean(lesion) > 1.1 * scanner.gain * (1 - scanner.bias))
    #expect(!examination.mask.contains { $0 > 1 })
  }

  @Test(arguments: Scanner.standard.map(\.site))
  func healthyHeadsHaveAnEmptyMaskAndNoiseAround(site: String) throws {
    let scanner = try scanner(site)
    var generator = SeededGenerator(state: 5)
    let examination = scanner.scan(Head(age: 30, lesionSizes: [], using: &generator), using: &generator)
    #expect(!examination.mask.contains(1))
    // The mean of Rician noise without signal is sqrt(π/2) standard deviations (Gudbjartsson and Patz 1995).
    let corner = (0..<scanner.sliceCount).flatMap { slice in
      (0..<4).flatMap { row in
        (0..<4).map { Double(examination.image[(slice * scanner.matrix + row) * scanner.matrix + $0]) }
      }
    }
    let expected = 1.2533 * scanner.noise * scanner.gain
    #expect(abs(mean(corner) - expected) < 0.2 * expected + 0.5)
  }

  /// A healthy adult's brain, ventricles and skull: fluid is darker than white matter, and bone is darker
  /// than scalp.
  @Test func tissuesHaveTheExpectedOrderOnFLAIR() {
    var generator = SeededGenerator(state: 3)
    let head = Head(age: 60, lesionSizes: [], using: &generator)
    func signal(_ x: Float, _ y: Float, _ z: Float) -> Float {
      head.signal(at: [x, y, z], contrast: .flair).signal
    }
    let ventricle = (signal(-10, 12, 12) + signal(10, 12, 12)) / 2
    let thalamus = (signal(-13, -10, -1) + signal(13, -10, -1)) / 2
    #expect(ventricle < 0.5)
    #expect(thalamus > 1)
    #expect(signal(0, 0, 120) == 0)
  }

  /// The prevalence over many patients is as the scanner states, within four standard errors.
  @Test func prevalenceIsAsStated() throws {
    let scanner = try #require(Scanner.standard.first { $0.site == "west" })
    var generator = SeededGenerator(state: 9)
    let counts = (0..<2000).map { _ in scanner.lesionCount(using: &generator) }
    for (count, chance) in scanner.lesionChances.enumerated() {
      let share = Double(counts.count { $0 == count }) / 2000
      #expect(abs(share - chance) < 4 * (chance * (1 - chance) / 2000).squareRoot())
    }
  }

  private func scanner(_ site: String) throws -> Scanner {
    try #require(Scanner.standard.first { $0.site == site }).reduced(patients: 1, matrix: 32, slices: 8)
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
