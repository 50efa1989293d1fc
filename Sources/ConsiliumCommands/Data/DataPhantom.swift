import ArgumentParser
import FederatedCore
import Foundation
import Phantom

struct DataPhantom: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phantom", abstract: "Generate a brain-MRI data set of several made-up sites.",
    discussion: """
      The images show no person. Sites differ in contrast, bias field, noise, resolution and how often there are \
      lesions. The same seed gives the same files.
      """)

  @Option(help: ArgumentHelp("The folder for the data; made where it does not exist.", valueName: "dir"))
  var out: String

  @Option(help: "The seed of all random numbers.")
  var seed: UInt64 = 0

  func run() throws {
    var stream = RandomStream(seed: RandomStream.seed(study: seed, purpose: .phantom))
    let phantom = PhantomDataset()
    try phantom.write(to: URL(fileURLWithPath: out), using: &stream)
    let patients = phantom.scanners.reduce(0) { $0 + $1.patientCount }
    Console.current.print(
      "generated \(patients) patients of \(phantom.scanners.count) made-up sites in \(out) (seed \(seed))")
  }
}
