import ArgumentParser

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Read, verify and export the log of who did what in which study.",
    subcommands: [AuditShow.self, AuditVerify.self, AuditExport.self])
}
