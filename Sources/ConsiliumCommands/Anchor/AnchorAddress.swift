import ArgumentParser
import Credentials
import FederatedTransport

/// Another anchor of the swarm: `NAME=HOST:PORT`.
struct AnchorAddress: ExpressibleByArgument {
  var name: String
  var address: ClientConfiguration

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, (try? Party.check(name: parts[0])) != nil,
      let address = ClientConfiguration(address: parts[1])
    else { return nil }
    (name, self.address) = (parts[0], address)
  }
}
