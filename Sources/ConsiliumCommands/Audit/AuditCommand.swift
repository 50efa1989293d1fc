import ArgumentParser

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Read, verify and export the log of what was done, by whom, to which study.",
    subcommands: [AuditShow.self, AuditVerify.self, AuditExport.self])
}
