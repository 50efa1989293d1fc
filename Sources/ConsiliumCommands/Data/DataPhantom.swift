import ArgumentParser
import FederatedCore
import Foundation
import Phantom

struct DataPhantom: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phantom", abstract: "Generate a brain-MRI data set of several simulated sites.",
    discussion: """
      The images show no person. Sites differ in contrast, bias field, noise, resolution and the frequency of \
      lesions. The same seed yields the same files.
      """)

  @Option(help: ArgumentHelp("The folder for the data; created if it does not exist.", valueName: "dir"))
  var out: String

  @Option(help: "The seed of all random numbers.")
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "The number of patients at each site. (default: 16, 12, 12 and 8)", valueName: "count"))
  var patients: Int?

  func validate() throws {
    if let patients, !(1...999).contains(patients) {
      throw ValidationError("--patients must be from 1 to 999")
    }
  }

  func run() throws {
    var stream = RandomStream(seed: RandomStream.seed(study: seed, purpose: .phantom))
    var phantom = PhantomDataset()
    if let patients {
      for index in phantom.scanners.indices { phantom.scanners[index].patientCount = patients }
    }
    try phantom.write(to: URL(fileURLWithPath: out), using: &stream)
    let patients = phantom.scanners.reduce(0) { $0 + $1.patientCount }
    Console.current.print(
      "generated \(patients) patients of \(phantom.scanners.count) simulated sites in \(out) (seed \(seed))")
  }
}
