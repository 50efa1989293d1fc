import ArgumentParser

/// The address on which a server listens: `ADDRESS:PORT`, with brackets around an IPv6 address. Port 0 means
/// any free port.
struct ListenAddress: ExpressibleByArgument, Equatable {
  var host: String
  var port: Int

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  init?(argument: String) {
    let pattern = #/(?:\[(?<ipv6>[0-9A-Fa-f:.]+)\]|(?<host>[^:\[\]\s\/]+)):(?<port>[0-9]{1,5})/#
    guard let match = argument.wholeMatch(of: pattern), let host = match.ipv6 ?? match.host,
      let port = Int(match.port), port <= 65_535
    else { return nil }
    self.host = String(host)
    self.port = port
  }

  var defaultValueDescription: String { "\(host):\(port)" }
}
