import ArgumentParser

struct ProvisionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "provision", abstract: "Manage the keys, certificates and revocations of a consortium.",
    discussion: """
      One member runs the consortium's authority (init, issue, revoke, list). Everyone makes a key on their own machine (enrol), sends \
      only the request, and installs the certificate that comes back (install); private keys never travel.
      """,
    subcommands: [
      ProvisionInit.self, ProvisionEnrol.self, ProvisionIssue.self, ProvisionInstall.self,
      ProvisionRenew.self,
      ProvisionRevoke.self, ProvisionList.self,
    ])
}
