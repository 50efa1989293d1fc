import FederatedCore
import Foundation

@testable import Dashboard

/// The contents of ``SampleSource``.
enum Sample {
  static let now = Date(timeIntervalSince1970: 1_772_460_451)
  static let sites: [SiteID] = ["DU", "HT", "CS", "FG"].map { SiteID($0) }
  static let titles = [
    "DU": "Henry Ford Hospital", "HT": "Case Western, St. Joseph’s", "CS": "Thomas Jefferson University",
    "FG": "Case Western",
  ]

  static func digest(_ seed: Int) -> String {
    var state = UInt64(seed &+ 1) &* 0x9E37_79B9_7F4A_7C15
    return (0..<32).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let byte = UInt8(truncatingIfNeeded: state >> 33)
      return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  static let overview = Overview(
    consortium: "Glioma imaging consortium",
    studies: [
      running, proposed,
      StudyLine(
        id: "skin-lesions", title: "Seven kinds of skin lesion on dermatoscopy", state: .partial, round: 30,
        rounds: 30,
        startedAt: now - 9 * 86400, note: "HT, which the study requires, left in round 22."),
      StudyLine(
        id: "heart-failure", title: "Survival with heart failure", state: .finished, round: 60, rounds: 60,
        startedAt: now - 30 * 86400, lead: "Anna Müller", endedAt: now - 29 * 86400),
    ],
    sites: [
      SiteLine(
        site: sites[0], title: titles["DU"], link: .connected, lastSeen: now - 2, version: "0.3.0",
        certificateExpires: now + 71 * 86400, clockSkew: 0.2),
      SiteLine(
        site: sites[1], title: titles["HT"], link: .connected, lastSeen: now - 1, version: "0.3.0",
        certificateExpires: now + 9 * 86400, clockSkew: -0.4),
      SiteLine(
        site: sites[2], title: titles["CS"], link: .connected, lastSeen: now, version: "0.3.0",
        certificateExpires: now + 66 * 86400, clockSkew: 94),
      SiteLine(
        site: sites[3], title: titles["FG"], link: .away, lastSeen: now - 190, version: "0.2.9",
        certificateExpires: now + 80 * 86400, clockSkew: 0.1),
    ], time: now)

  static let running = StudyLine(
    id: "lgg-brain-mri", title: "Outlining low-grade glioma on brain MRI", state: .running, round: 12,
    rounds: 40,
    startedAt: now - 5 * 3600, expectedEnd: now + 11.6 * 3600, lead: "Seán O'Neill", late: [late])
  static let late = WaitingSite(
    site: sites[3], work: "training round 13 of FedAvg", since: now - 660, lateSince: now - 60,
    dropsAt: now + 1500,
    isRequired: false, isConnected: false)
  static let busy = WaitingSite(
    site: sites[1], work: "training round 13 of FedAvg", since: now - 660, isRequired: true, isConnected: true
  )
  static let proposed = StudyLine(
    id: "lgg-grade", title: "Grading glioma from four sequences", state: .proposed, rounds: 50)

  static let studies: [String: StudyPage] = [
    running.id: StudyPage(
      line: running, version: "1.2", digest: digest(1), explanation: explanation, agreement: agreement,
      readiness: readiness, live: [live], curves: [curves], manifests: manifests, results: [results],
      hasReport: false, waiting: [late, busy]),
    "heart-failure": StudyPage(
      line: overview.studies[3], version: "1.0", digest: digest(3), explanation: explanation, hasReport: true,
      files: [
        ResultFile(path: "report.json", url: URL(fileURLWithPath: "/nonexistent/report.json"), size: 81_500),
        ResultFile(
          path: "models/fedavg.safetensors", url: URL(fileURLWithPath: "/nonexistent/fedavg.safetensors"),
          size: 6_500_000),
      ], statistics: statistics),
    proposed.id: StudyPage(
      line: proposed, version: "1.0", digest: digest(2), explanation: explanation,
      agreement: [
        AgreementLine(
          site: sites[0], title: titles["DU"], isRequired: true, decision: .signed, signer: "site/DU",
          time: now - 86400),
        AgreementLine(
          site: sites[1], title: titles["HT"], isRequired: true, decision: .declined, signer: "site/HT",
          time: now - 3600, reason: "Our ethics board wants to see the list of sequences first."),
        AgreementLine(site: sites[2], title: titles["CS"], isRequired: true, decision: .waiting),
        AgreementLine(site: sites[3], title: titles["FG"], isRequired: false, decision: .waiting),
      ]),
  ]

  static let explanation = """
    Four hospitals train one model that outlines low-grade glioma on MRI slices. Each hospital keeps its images; only
    the model's parameters and counts leave it.

    What leaves a site:
    - the change of the model in each round, as 1 626 072 numbers
    - the number of training slices
    - the Dice coefficient on its validation patients, where there are at least five

    A round waits for DU, HT and CS. FG may miss rounds.
    """

  static let agreement = sites.enumerated().map { index, site in
    AgreementLine(
      site: site, title: titles[site.rawValue], isRequired: index < 3, decision: .signed,
      signer: "site/\(site)",
      time: now - Double(7 - index) * 21600)
  }

  static let readiness = sites.enumerated().map { index, site in
    ReadinessLine(
      site: site, title: titles[site.rawValue],
      checks: [
        .init("Data", .good, ["1118 slices", "743 slices", "386 slices", "201 slices"][index]),
        .init(
          "Disk", index == 3 ? .warning : .good,
          ["412 GB free", "87 GB free", "1.2 TB free", "9 GB free"][index]),
        .init("Memory", .good, ["64 GB", "32 GB", "128 GB", "16 GB"][index]),
        .init("Clock", index == 2 ? .bad : .good, index == 2 ? "94 s ahead" : "exact"),
        .init("Network", .good, ["880 Mbit/s", "93 Mbit/s", "410 Mbit/s", "38 Mbit/s"][index]),
        .init("One batch", .good, ["0.4 s", "1.9 s", "0.3 s", "2.6 s"][index]),
      ], time: now - 5.5 * 3600, roundForecast: [410, 1490, 180, 1240][index])
  }

  static let live = LiveRound(
    arm: "fedavg", round: 13, rounds: 40, startedAt: now - 660, deadline: now + 1500,
    sites: [
      .init(
        site: sites[0], title: titles["DU"], stage: .finished, step: 140, stepCount: 140, loss: 0.181,
        secondsLeft: 0),
      .init(
        site: sites[1], title: titles["HT"], stage: .training, step: 61, stepCount: 93, loss: 0.203,
        examplesPerSecond: 4.2, secondsLeft: 470),
      .init(
        site: sites[2], title: titles["CS"], stage: .uploading, step: 11, stepCount: 13, loss: 0.244,
        secondsLeft: 4),
      .init(
        site: sites[3], title: titles["FG"], stage: .waiting,
        note: "not connected since 14:04; the round may end without it"),
    ])

  static let curves = ArmCurves(
    arm: "fedavg", metric: "dice", bestRound: 11,
    sites: sites.enumerated().map { index, site in
      let offset = [0.03, 0.0, -0.05, -0.09][index]
      return ArmCurves.Site(
        site: site, title: titles[site.rawValue],
        validation: (1...12).map { round in
          let wave = Double((round * 7 + index * 3) % 5) * 0.008
          return .init(
            round: round,
            value: 0.84 + offset - 0.55 * exp(-Double(round) / 3.2) + wave - (round == 12 ? 0.02 : 0))
        },
        loss: (1...12).map { round in
          .init(
            round: round,
            value: 0.17 - offset + 0.7 * exp(-Double(round) / 2.8) + Double((round + index) % 3) * 0.01)
        })
    })

  static let manifests = (1...12).map { round in
    let missing = round == 5 || round == 9
    return ManifestRecord(
      arm: "fedavg", round: round, time: now - Double(13 - round) * 1500,
      seconds: 1480 + Double(round * 37 % 90),
      contributors: zip(sites, [1118, 743, 386, 201]).prefix(missing ? 3 : 4).enumerated().map { index, one in
        .init(
          site: one.0, samples: one.1, updateDigest: digest(round * 10 + index),
          hasSigned: round < 12 || index < 3)
      },
      dropped: missing ? [.init(site: sites[3], reason: "no update before the deadline of 45 min")] : [],
      modelDigest: digest(round))
  }

  static let results = ResultsTable(
    metric: "dice", sites: sites,
    rows: [
      .init(model: "fedavg", values: [0.861, 0.842, 0.797, nil]),
      .init(model: "local DU", trainedAt: sites[0], values: [0.851, 0.733, 0.702, 0.611]),
      .init(model: "local HT", trainedAt: sites[1], values: [0.744, 0.829, 0.688, 0.640]),
      .init(model: "local CS", trainedAt: sites[2], values: [0.690, 0.671, 0.766, 0.583]),
    ])

  static let audit: [AuditLine] = {
    let entries: [(String, String, String?, String)] = [
      ("coordinator", "round committed", "lgg-brain-mri", "round 12 of 40, 4 sites"),
      (
        "site/HT", "study declined", "lgg-grade", "Our ethics board wants to see the list of sequences first."
      ),
      (
        "coordinator", "site dropped", "lgg-brain-mri",
        "FG in round 9: no update before the deadline of 45 min"
      ),
      ("operator/keller", "study resumed", "lgg-brain-mri", ""),
      ("operator/keller", "study paused", "lgg-brain-mri", "network maintenance at HT"),
      ("lead/mertens", "study started", "lgg-brain-mri", ""),
      ("site/FG", "study signed", "lgg-brain-mri", "version 1.2"),
      ("site/DU", "study signed", "lgg-brain-mri", "version 1.2"),
      ("operator/keller", "certificate issued", nil, "site/FG, valid for 90 days"),
      ("coordinator", "log begun", nil, ""),
    ]
    return entries.enumerated().map { index, entry in
      AuditLine(
        number: 148 - index, time: now - Double(index) * 5400, actor: entry.0, event: entry.1, study: entry.2,
        detail: entry.3, digest: digest(900 + index))
    }
  }()

  static let metrics = [
    MetricSample(
      "consilium_rounds_total", .counter, help: "Rounds committed.", labels: ["study": "lgg-brain-mri"],
      value: 12),
    MetricSample(
      "consilium_site_connected", .gauge, help: "1 where the site's agent is connected.",
      labels: ["site": "DU"], value: 1),
    MetricSample(
      "consilium_site_connected", .gauge, help: "1 where the site's agent is connected.",
      labels: ["site": "FG"], value: 0),
    MetricSample("consilium_round_seconds", .gauge, help: "How long the last round took.", value: 1483.25),
  ]
}
