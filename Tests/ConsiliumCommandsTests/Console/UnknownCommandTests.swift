import Testing

@testable import ConsiliumCommands

@Suite struct UnknownCommandTests {
  @Test(arguments: [
    (["simulat"], "simulate"), (["simulat", "study.yaml", "--out", "x"], "simulate"),
    (["studdy", "validate"], "study"),
    (["study", "valdate", "x.yaml"], "validate"), (["data", "chek"], "check"),
    (["provision", "enroll"], "enrol"),
    (["coordinator", "runn"], "run"), (["help", "simulat"], "simulate"),
    (["help", "study", "propos"], "propose"),
    (["Simulate"], "simulate"), (["hepl"], "help"),
  ])
  func theNearestCommandIsSuggested(arguments: [String], name: String) async {
    let printed = await consilium(arguments)
    #expect(printed.status == 2)
    #expect(printed.out.isEmpty)
    #expect(printed.err.contains("Did you mean '\(name)'?"), "\(printed.err)")
    #expect(printed.err.contains("Usage: consilium"))
  }

  @Test func unknownWordListsTheCommands() async {
    let printed = await consilium("study", "elephant")
    #expect(
      printed.err.hasPrefix(
        "error: 'consilium study' has no command 'elephant'.\nUsage: consilium study <command>"))
    #expect(printed.err.contains("Commands: validate, explain, digest, plan, statistics, propose"))
  }

  @Test func unknownCommandIsAnObjectWithJSON() async {
    let printed = await consilium("simulat", "--json")
    #expect(
      printed.err.hasPrefix(
        #"{"code":"invalidInput","event":"error","message":"'consilium' has no command 'simulat'."#))
  }

  @Test(arguments: [
    ["study", "validate", "nothing"], ["--help"], ["study"], ["help", "study"], ["report", "simulat"], [],
  ])
  func whatIsNoCommandElsewhereIsLeftAlone(arguments: [String]) {
    #expect(UnknownCommand.first(in: arguments) == nil)
  }

  @Test(arguments: [
    (["simulate", "s.yaml", "--ot", "x"], "--out"),
    (["study", "propose", "s.yaml", "--site", "a"], "--sites"),
    (["provision", "enrol", "--nam", "x"], "--name"),
  ])
  func theNearestOptionIsSuggested(arguments: [String], option: String) async {
    let printed = await consilium(arguments)
    #expect(printed.status == 2)
    #expect(printed.err.contains("Did you mean '\(option)'?"), "\(printed.err)")
  }
}
