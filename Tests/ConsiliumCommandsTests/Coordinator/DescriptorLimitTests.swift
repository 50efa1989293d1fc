import Testing

@testable import ConsiliumCommands

@Suite struct DescriptorLimitTests {
  @Test func connectionsLeaveDescriptorsToFiles() {
    let few = DescriptorLimit(count: 256)
    #expect(few.connections + few.browsers(most: 512) == 192)
    #expect(
      few.warning
        == "the system permits 256 open files, so at most 128 connections are accepted; raise the limit (LimitNOFILE in the "
        + "service, or ulimit -n)")
    let many = DescriptorLimit(count: 65_536)
    #expect((many.connections, many.browsers(most: 512)) == (1024, 512))
    #expect(many.warning == nil)
    #expect(DescriptorLimit.raised().count > 0)
  }
}
