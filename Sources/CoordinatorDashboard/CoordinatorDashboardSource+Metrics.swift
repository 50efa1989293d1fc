import CoordinatorService
import Credentials
import Dashboard
import Foundation
import StudyRuns

extension CoordinatorDashboardSource {
  package func metrics() async -> [MetricSample] {
    let time = now()
    var samples = [
      MetricSample(
        "consilium_build_info", .gauge, help: "The coordinator's version, as a label.",
        labels: ["version": consiliumVersion], value: 1),
      MetricSample(
        "consilium_start_time_seconds", .gauge,
        help: "The time at which the coordinator started, in Unix time.",
        value: started.timeIntervalSince1970.rounded()),
      MetricSample(
        "consilium_uptime_seconds", .gauge, help: "Seconds since the coordinator started.",
        value: time.timeIntervalSince(started).rounded()),
      MetricSample(
        "consilium_connections", .gauge, help: "Open connections of sites and people.",
        value: Double(network.connections())),
      MetricSample(
        "consilium_audit_log_entries_total", .counter, help: "Entries of the audit log.",
        value: Double(await service.auditLength())),
      MetricSample(
        "consilium_certificate_expiry_timestamp_seconds", .gauge,
        help: "The time at which a certificate expires, in Unix time.",
        labels: ["party": service.currentIdentity.party.description],
        value: service.currentIdentity.certificate.notAfter.timeIntervalSince1970.rounded()),
    ]
    samples += ProcessMemory.current?.samples ?? []
    for (site, traffic) in network.traffic().sorted(by: { $0.key < $1.key }) {
      let labels = ["site": site.rawValue]
      samples += [
        MetricSample(
          "consilium_site_received_bytes_total", .counter,
          help: "Bytes of models and updates received from a site since the coordinator started.",
          labels: labels, value: Double(traffic.received)),
        MetricSample(
          "consilium_site_sent_bytes_total", .counter,
          help: "Bytes of models sent to a site since the coordinator started.",
          labels: labels, value: Double(traffic.sent)),
      ]
    }
    // Leave out values that are unknown now: collectors treat an absent number as absent, not as zero.
    guard let overview = try? await overview() else { return samples }
    for link in SiteLine.Link.allCases {
      samples.append(
        MetricSample(
          "consilium_sites", .gauge, help: "Sites by state of their connection.",
          labels: ["link": link.rawValue],
          value: Double(overview.sites.count { $0.link == link })))
    }
    for site in overview.sites {
      guard let end = site.certificateExpires else { continue }
      samples.append(
        MetricSample(
          "consilium_certificate_expiry_timestamp_seconds", .gauge,
          help: "The time at which a certificate expires, in Unix time.",
          labels: ["party": Party(role: .site, name: site.site.rawValue).description],
          value: end.timeIntervalSince1970.rounded()))
    }
    for state in ShownStudyState.allCases {
      samples.append(
        MetricSample(
          "consilium_studies", .gauge, help: "Studies by state.", labels: ["state": state.rawValue],
          value: Double(overview.studies.count { $0.state == state })))
    }
    return samples + (await rounds())
  }

  private func rounds() async -> [MetricSample] {
    var samples: [MetricSample] = []
    for study in (try? await service.observedStudies()) ?? [] {
      let run = await runs.run(of: study)
      for plan in study.armPlans {
        let labels = ["study": study.status.id, "arm": plan.name]
        let records = run.records[plan.name] ?? []
        samples.append(
          MetricSample(
            "consilium_rounds_total", .counter, help: "Committed rounds.", labels: labels,
            value: Double(records.count)))
        guard let last = records.last else { continue }
        samples += [
          MetricSample(
            "consilium_round_seconds", .gauge, help: "The duration of the last committed round, in seconds.",
            labels: labels, value: last.seconds),
          MetricSample(
            "consilium_round_dropped_sites", .gauge,
            help: "Sites dropped from the last committed round.", labels: labels,
            value: Double(last.dropped.count)),
        ]
      }
    }
    return samples
  }
}

/// The memory of this process, as Linux reports it.
struct ProcessMemory {
  /// The bytes in main memory, including mapped files.
  var resident: Int
  /// The bytes in main memory that belong to no file.
  var anonymous: Int

  /// The current memory; `nil` if the system does not report it.
  static var current: ProcessMemory? {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
    func bytes(_ name: String) -> Int? {
      text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        .flatMap { Int($0.filter(\.isNumber)) }.map { $0 * 1024 }
    }
    guard let resident = bytes("VmRSS"), let anonymous = bytes("RssAnon") else { return nil }
    return ProcessMemory(resident: resident, anonymous: anonymous)
  }

  var samples: [MetricSample] {
    [
      MetricSample(
        "process_resident_memory_bytes", .gauge,
        help: "Main memory of the process, including mapped files.", value: Double(resident)),
      MetricSample(
        "process_anonymous_memory_bytes", .gauge,
        help: "Main memory of the process, excluding mapped files.", value: Double(anonymous)),
    ]
  }
}
